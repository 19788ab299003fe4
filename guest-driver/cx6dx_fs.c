// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * cx6dx_tls: receive flow tables (PRM "Flow Steering")
 *
 *     L2 table (root)             steering table
 *       own and subscribed MACs     exact TCP connections with TLS, IPv4
 *       any multicast (allmulti)    exact TCP connections with TLS, IPv6
 *       everything (promiscuous)    (IP version, TCP or UDP)  -> RSS TIR
 *         \--- all lead to --->     (IP version)              -> RSS TIR
 *                                   everything else           -> channel 0
 *
 * A frame that the L2 table does not know is dropped.  In both tables the
 * lowest entry wins, so the exact rules come first.
 */
#include <linux/in.h>

#include "cx6dx.h"

/* entries of the L2 table */
#define L2_MULTI	CX6DX_FS_MACS
#define L2_ALL		(L2_MULTI + 1)
#define L2_ENTRIES	(L2_ALL + 1)

/* entries of the steering table */
#define STEER_TLS(v6)	((v6) ? CX6DX_FS_TLS_RULES : 0)
#define STEER_PROTO	(2 * CX6DX_FS_TLS_RULES)
#define STEER_PROTOS	4
#define STEER_VERSION	(STEER_PROTO + STEER_PROTOS)
#define STEER_ANY	(STEER_VERSION + 2)
#define STEER_ENTRIES	(STEER_ANY + 1)

struct match {
	u8 value[CX6DX_BYTES(fte_match_set_lyr_2_4)];
};

/* ---- commands ---- */

static int table_create(struct cx6dx_dev *cdev, u8 level, u32 entries,
			u32 *id)
{
	u8 in[CX6DX_BYTES(create_flow_table_in)] = {};
	u8 *ctx = CX6DX_AREA(create_flow_table_in, in, flow_table_context);

	CX6DX_SET(create_flow_table_in, in, table_type, CX6DX_FT_NIC_RX);
	CX6DX_SET(flow_table_context, ctx, level, level);
	CX6DX_SET(flow_table_context, ctx, log_size, order_base_2(entries));
	return cx6dx_cmd_create(cdev, CX6DX_CMD_CREATE_FLOW_TABLE, in,
				sizeof(in), id);
}

static void table_destroy(struct cx6dx_dev *cdev, u32 id)
{
	u8 in[CX6DX_BYTES(flow_cmd_in)] = {};
	u8 out[CX6DX_BYTES(cmd_out)] = {};

	CX6DX_SET(cmd_in, in, opcode, CX6DX_CMD_DESTROY_FLOW_TABLE);
	CX6DX_SET(flow_cmd_in, in, table_type, CX6DX_FT_NIC_RX);
	CX6DX_SET(flow_cmd_in, in, table_id, id);
	cx6dx_cmd_exec(cdev, in, sizeof(in), out, sizeof(out));
}

static int set_root(struct cx6dx_dev *cdev, u16 op_mod, u32 id)
{
	u8 in[CX6DX_BYTES(set_flow_table_root_in)] = {};
	u8 out[CX6DX_BYTES(cmd_out)] = {};

	CX6DX_SET(cmd_in, in, opcode, CX6DX_CMD_SET_FLOW_TABLE_ROOT);
	CX6DX_SET(set_flow_table_root_in, in, op_mod, op_mod);
	CX6DX_SET(set_flow_table_root_in, in, table_type, CX6DX_FT_NIC_RX);
	CX6DX_SET(set_flow_table_root_in, in, table_id, id);
	return cx6dx_cmd_exec(cdev, in, sizeof(in), out, sizeof(out));
}

/* Group of entries [@start, @start + @count) that look at @mask */
static int group_create(struct cx6dx_dev *cdev, u32 table, u32 start,
			u32 count, const struct match *mask, u32 *id)
{
	u8 *criteria, *in;
	int err;

	in = kzalloc(CX6DX_BYTES(create_flow_group_in), GFP_KERNEL);
	if (!in)
		return -ENOMEM;
	CX6DX_SET(flow_cmd_in, in, table_type, CX6DX_FT_NIC_RX);
	CX6DX_SET(create_flow_group_in, in, table_id, table);
	CX6DX_SET(create_flow_group_in, in, start_flow_index, start);
	CX6DX_SET(create_flow_group_in, in, end_flow_index, start + count - 1);
	if (mask) {
		CX6DX_SET(create_flow_group_in, in, match_criteria_enable,
			  CX6DX_FG_MATCH_OUTER);
		criteria = CX6DX_AREA(create_flow_group_in, in,
				      match_criteria);
		memcpy(CX6DX_AREA(fte_match_param, criteria, outer_headers),
		       mask->value, sizeof(mask->value));
	}
	err = cx6dx_cmd_create(cdev, CX6DX_CMD_CREATE_FLOW_GROUP, in,
			       CX6DX_BYTES(create_flow_group_in), id);
	kfree(in);
	return err;
}

static void group_destroy(struct cx6dx_dev *cdev, u32 table, u32 id)
{
	u8 in[CX6DX_BYTES(destroy_flow_group_in)] = {};
	u8 out[CX6DX_BYTES(cmd_out)] = {};

	CX6DX_SET(cmd_in, in, opcode, CX6DX_CMD_DESTROY_FLOW_GROUP);
	CX6DX_SET(destroy_flow_group_in, in, table_type, CX6DX_FT_NIC_RX);
	CX6DX_SET(destroy_flow_group_in, in, table_id, table);
	CX6DX_SET(destroy_flow_group_in, in, group_id, id);
	cx6dx_cmd_exec(cdev, in, sizeof(in), out, sizeof(out));
}

struct rule {
	u32 table;
	u32 group;
	u32 index;
	u32 tag;
	u8 dest_type;
	u32 dest;
};

static int rule_set(struct cx6dx_dev *cdev, const struct rule *rule,
		    const struct match *match)
{
	u8 in[CX6DX_BYTES(set_fte_in) + CX6DX_BYTES(dest_format)] = {};
	u8 *dest = in + CX6DX_FTE_DEST_LIST_OFF;
	u8 out[CX6DX_BYTES(cmd_out)] = {};
	u8 *value;

	CX6DX_SET(cmd_in, in, opcode, CX6DX_CMD_SET_FLOW_TABLE_ENTRY);
	CX6DX_SET(set_fte_in, in, op_mod, CX6DX_FTE_CREATE);
	CX6DX_SET(set_fte_in, in, table_type, CX6DX_FT_NIC_RX);
	CX6DX_SET(set_fte_in, in, table_id, rule->table);
	CX6DX_SET(set_fte_in, in, flow_index, rule->index);
	CX6DX_SET(set_fte_in, in, group_id, rule->group);
	CX6DX_SET(set_fte_in, in, flow_tag, rule->tag);
	CX6DX_SET(set_fte_in, in, action, CX6DX_FTE_FWD);
	CX6DX_SET(set_fte_in, in, destination_list_size, 1);
	if (match) {
		value = CX6DX_AREA(set_fte_in, in, match_value);
		memcpy(CX6DX_AREA(fte_match_param, value, outer_headers),
		       match->value, sizeof(match->value));
	}
	CX6DX_SET(dest_format, dest, destination_type, rule->dest_type);
	CX6DX_SET(dest_format, dest, destination_id, rule->dest);
	return cx6dx_cmd_exec(cdev, in, sizeof(in), out, sizeof(out));
}

static void rule_delete(struct cx6dx_dev *cdev, u32 table, u32 index)
{
	u8 in[CX6DX_BYTES(delete_fte_in)] = {};
	u8 out[CX6DX_BYTES(cmd_out)] = {};

	CX6DX_SET(cmd_in, in, opcode, CX6DX_CMD_DELETE_FLOW_TABLE_ENTRY);
	CX6DX_SET(delete_fte_in, in, table_type, CX6DX_FT_NIC_RX);
	CX6DX_SET(delete_fte_in, in, table_id, table);
	CX6DX_SET(delete_fte_in, in, flow_index, index);
	cx6dx_cmd_exec(cdev, in, sizeof(in), out, sizeof(out));
}

static void match_mac(struct match *m, const u8 *mac)
{
	CX6DX_SET(fte_match_set_lyr_2_4, m->value, dmac_47_16,
		  get_unaligned_be32(mac));
	CX6DX_SET(fte_match_set_lyr_2_4, m->value, dmac_15_0,
		  get_unaligned_be16(mac + 4));
}

/* ---- L2 table ---- */

static int l2_rule(struct cx6dx_priv *priv, u32 group, u32 index,
		   const u8 *mac)
{
	struct rule rule = {
		.table = priv->fs.l2_table,
		.group = group,
		.index = index,
		.dest_type = CX6DX_FT_DEST_FLOW_TABLE,
		.dest = priv->fs.steer_table,
	};
	struct match m = {};

	if (mac)
		match_mac(&m, mac);
	return rule_set(priv->cdev, &rule, &m);
}

static void l2_switch_rule(struct cx6dx_priv *priv, bool *is, bool want,
			   u32 group, u32 index, const u8 *mac)
{
	if (*is == want)
		return;
	if (!want)
		rule_delete(priv->cdev, priv->fs.l2_table, index);
	else if (l2_rule(priv, group, index, mac))
		return;
	*is = want;
}

static struct cx6dx_fs_mac *mac_find(struct cx6dx_fs *fs, const u8 *addr)
{
	int i;

	for (i = 0; i < CX6DX_FS_MACS; i++)
		if (fs->mac[i].used && ether_addr_equal(fs->mac[i].addr, addr))
			return &fs->mac[i];
	return NULL;
}

/* Keeps @addr, or adds it; false when the table is full */
static bool mac_want(struct cx6dx_priv *priv, const u8 *addr)
{
	struct cx6dx_fs_mac *mac = mac_find(&priv->fs, addr);
	int i;

	if (mac) {
		mac->keep = true;
		return true;
	}
	for (i = 0; i < CX6DX_FS_MACS; i++) {
		mac = &priv->fs.mac[i];
		if (mac->used)
			continue;
		if (l2_rule(priv, priv->fs.l2_exact_group, i, addr))
			return false;
		ether_addr_copy(mac->addr, addr);
		mac->used = true;
		mac->keep = true;
		return true;
	}
	return false;
}

struct mac_list {
	unsigned int count;
	bool overflow;
	u8 addr[CX6DX_FS_MACS][ETH_ALEN];
};

static void mac_list_add(struct mac_list *list, const u8 *addr)
{
	if (list->count == CX6DX_FS_MACS)
		list->overflow = true;
	else
		ether_addr_copy(list->addr[list->count++], addr);
}

static void mac_list_read(struct net_device *netdev, struct mac_list *uc,
			  struct mac_list *mc)
{
	struct netdev_hw_addr *ha;

	netif_addr_lock_bh(netdev);
	mac_list_add(uc, netdev->dev_addr);
	netdev_for_each_uc_addr(ha, netdev)
		mac_list_add(uc, ha->addr);
	mac_list_add(mc, netdev->broadcast);
	netdev_for_each_mc_addr(ha, netdev)
		mac_list_add(mc, ha->addr);
	netif_addr_unlock_bh(netdev);
}

/*
 * Brings the L2 table to what the net_device wants.  Addresses that do not fit
 * turn into "all multicast" or "everything".
 */
void cx6dx_fs_sync_rx_mode(struct cx6dx_priv *priv)
{
	static const u8 multicast_bit[ETH_ALEN] = { 0x01 };
	bool allmulti = priv->netdev->flags & IFF_ALLMULTI;
	bool promisc = priv->netdev->flags & IFF_PROMISC;
	struct cx6dx_fs *fs = &priv->fs;
	struct mac_list *uc, *mc;
	unsigned int i;

	uc = kcalloc(2, sizeof(*uc), GFP_KERNEL);
	if (!uc)
		return;
	mc = uc + 1;
	mac_list_read(priv->netdev, uc, mc);

	mutex_lock(&fs->lock);
	for (i = 0; i < CX6DX_FS_MACS; i++)
		fs->mac[i].keep = false;
	/* broadcast is the first of mc: it gets its place before the others */
	for (i = 0; i < min(mc->count, 1U); i++)
		mc->overflow |= !mac_want(priv, mc->addr[i]);
	for (i = 0; i < uc->count; i++)
		uc->overflow |= !mac_want(priv, uc->addr[i]);
	for (i = 1; i < mc->count; i++)
		mc->overflow |= !mac_want(priv, mc->addr[i]);
	for (i = 0; i < CX6DX_FS_MACS; i++) {
		if (!fs->mac[i].used || fs->mac[i].keep)
			continue;
		rule_delete(priv->cdev, fs->l2_table, i);
		fs->mac[i].used = false;
	}
	l2_switch_rule(priv, &fs->allmulti, allmulti || mc->overflow,
		       fs->l2_multi_group, L2_MULTI, multicast_bit);
	l2_switch_rule(priv, &fs->promisc, promisc || uc->overflow,
		       fs->l2_all_group, L2_ALL, NULL);
	mutex_unlock(&fs->lock);
	kfree(uc);
}

static int l2_groups_create(struct cx6dx_priv *priv)
{
	static const u8 multicast_bit[ETH_ALEN] = { 0x01 };
	struct match exact = {}, multi = {}, all = {};
	struct cx6dx_fs *fs = &priv->fs;
	u8 full[ETH_ALEN];
	int err;

	eth_broadcast_addr(full);
	match_mac(&exact, full);
	match_mac(&multi, multicast_bit);
	err = group_create(priv->cdev, fs->l2_table, 0, CX6DX_FS_MACS, &exact,
			   &fs->l2_exact_group);
	if (err)
		return err;
	err = group_create(priv->cdev, fs->l2_table, L2_MULTI, 1, &multi,
			   &fs->l2_multi_group);
	if (err)
		goto err_exact;
	err = group_create(priv->cdev, fs->l2_table, L2_ALL, 1, &all,
			   &fs->l2_all_group);
	if (err)
		goto err_multi;
	return 0;

err_multi:
	group_destroy(priv->cdev, fs->l2_table, fs->l2_multi_group);
err_exact:
	group_destroy(priv->cdev, fs->l2_table, fs->l2_exact_group);
	return err;
}

static void l2_groups_destroy(struct cx6dx_priv *priv)
{
	struct cx6dx_fs *fs = &priv->fs;
	u32 i;

	for (i = 0; i < CX6DX_FS_MACS; i++)
		if (fs->mac[i].used)
			rule_delete(priv->cdev, fs->l2_table, i);
	if (fs->allmulti)
		rule_delete(priv->cdev, fs->l2_table, L2_MULTI);
	if (fs->promisc)
		rule_delete(priv->cdev, fs->l2_table, L2_ALL);
	group_destroy(priv->cdev, fs->l2_table, fs->l2_all_group);
	group_destroy(priv->cdev, fs->l2_table, fs->l2_multi_group);
	group_destroy(priv->cdev, fs->l2_table, fs->l2_exact_group);
}

/* ---- steering table ---- */

static void match_ip(struct match *m, u32 version, u32 protocol)
{
	CX6DX_SET(fte_match_set_lyr_2_4, m->value, ip_version, version);
	CX6DX_SET(fte_match_set_lyr_2_4, m->value, ip_protocol, protocol);
}

static void match_tuple(struct match *m, const struct cx6dx_fs_tuple *t)
{
	match_ip(m, t->ipv6 ? 6 : 4, IPPROTO_TCP);
	CX6DX_SET(fte_match_set_lyr_2_4, m->value, tcp_sport,
		  be16_to_cpu(t->sport));
	CX6DX_SET(fte_match_set_lyr_2_4, m->value, tcp_dport,
		  be16_to_cpu(t->dport));
	if (t->ipv6) {
		memcpy(CX6DX_AREA(fte_match_set_lyr_2_4, m->value,
				  src_ipv4_src_ipv6), &t->saddr.v6,
		       sizeof(t->saddr.v6));
		memcpy(CX6DX_AREA(fte_match_set_lyr_2_4, m->value,
				  dst_ipv4_dst_ipv6), &t->daddr.v6,
		       sizeof(t->daddr.v6));
	} else {
		CX6DX_SET(fte_match_set_lyr_2_4, m->value, src_ipv4,
			  be32_to_cpu(t->saddr.v4));
		CX6DX_SET(fte_match_set_lyr_2_4, m->value, dst_ipv4,
			  be32_to_cpu(t->daddr.v4));
	}
}

static void mask_tuple(struct match *m, bool ipv6)
{
	struct cx6dx_fs_tuple ones;

	memset(&ones, 0xff, sizeof(ones));
	ones.ipv6 = ipv6;
	match_tuple(m, &ones);
	match_ip(m, CX6DX_FIELD_MAX(fte_match_set_lyr_2_4, ip_version),
		 CX6DX_FIELD_MAX(fte_match_set_lyr_2_4, ip_protocol));
}

static int steer_groups_create(struct cx6dx_priv *priv)
{
	struct match tls[2] = {}, proto = {}, version = {}, any = {};
	struct cx6dx_fs *fs = &priv->fs;
	const struct {
		u32 start;
		u32 count;
		struct match *mask;
		u32 *id;
	} g[] = {
		{ STEER_TLS(0), CX6DX_FS_TLS_RULES, &tls[0], &fs->tls_group[0] },
		{ STEER_TLS(1), CX6DX_FS_TLS_RULES, &tls[1], &fs->tls_group[1] },
		{ STEER_PROTO, STEER_PROTOS, &proto, &fs->proto_group },
		{ STEER_VERSION, 2, &version, &fs->version_group },
		{ STEER_ANY, 1, &any, &fs->any_group },
	};
	int err, i;

	mask_tuple(&tls[0], false);
	mask_tuple(&tls[1], true);
	match_ip(&proto, CX6DX_FIELD_MAX(fte_match_set_lyr_2_4, ip_version),
		 CX6DX_FIELD_MAX(fte_match_set_lyr_2_4, ip_protocol));
	match_ip(&version, CX6DX_FIELD_MAX(fte_match_set_lyr_2_4, ip_version),
		 0);
	for (i = 0; i < ARRAY_SIZE(g); i++) {
		err = group_create(priv->cdev, fs->steer_table, g[i].start,
				   g[i].count, g[i].mask, g[i].id);
		if (err)
			goto err;
	}
	return 0;

err:
	while (i--)
		group_destroy(priv->cdev, fs->steer_table, *g[i].id);
	return err;
}

static void steer_groups_destroy(struct cx6dx_priv *priv)
{
	struct cx6dx_fs *fs = &priv->fs;

	group_destroy(priv->cdev, fs->steer_table, fs->any_group);
	group_destroy(priv->cdev, fs->steer_table, fs->version_group);
	group_destroy(priv->cdev, fs->steer_table, fs->proto_group);
	group_destroy(priv->cdev, fs->steer_table, fs->tls_group[1]);
	group_destroy(priv->cdev, fs->steer_table, fs->tls_group[0]);
}

static int steer_rules_create(struct cx6dx_priv *priv)
{
	struct cx6dx_fs *fs = &priv->fs;
	const struct {
		u32 group;
		u32 index;
		u8 version;
		u8 protocol;
		u32 tirn;
	} r[] = {
		{ fs->proto_group, STEER_PROTO, 4, IPPROTO_TCP,
		  priv->tir_rss[CX6DX_TT_TCP4] },
		{ fs->proto_group, STEER_PROTO + 1, 6, IPPROTO_TCP,
		  priv->tir_rss[CX6DX_TT_TCP6] },
		{ fs->proto_group, STEER_PROTO + 2, 4, IPPROTO_UDP,
		  priv->tir_rss[CX6DX_TT_UDP4] },
		{ fs->proto_group, STEER_PROTO + 3, 6, IPPROTO_UDP,
		  priv->tir_rss[CX6DX_TT_UDP6] },
		{ fs->version_group, STEER_VERSION, 4, 0,
		  priv->tir_rss[CX6DX_TT_IP4] },
		{ fs->version_group, STEER_VERSION + 1, 6, 0,
		  priv->tir_rss[CX6DX_TT_IP6] },
		{ fs->any_group, STEER_ANY, 0, 0, priv->tir_any },
	};
	int err, i;

	for (i = 0; i < ARRAY_SIZE(r); i++) {
		struct rule rule = {
			.table = fs->steer_table,
			.group = r[i].group,
			.index = r[i].index,
			.dest_type = CX6DX_FT_DEST_TIR,
			.dest = r[i].tirn,
		};
		struct match m = {};

		match_ip(&m, r[i].version, r[i].protocol);
		err = rule_set(priv->cdev, &rule, &m);
		if (err)
			goto err;
	}
	return 0;

err:
	while (i--)
		rule_delete(priv->cdev, fs->steer_table, r[i].index);
	return err;
}

static void steer_rules_destroy(struct cx6dx_priv *priv)
{
	u32 i;

	for (i = STEER_PROTO; i < STEER_ENTRIES; i++)
		rule_delete(priv->cdev, priv->fs.steer_table, i);
}

/* ---- TLS connections ---- */

/*
 * Steers the connection @tuple to @tirn; its completions carry @tag.  Returns
 * in @rule what cx6dx_fs_tls_del() wants.  May sleep.
 */
int cx6dx_fs_tls_add(struct cx6dx_priv *priv,
		     const struct cx6dx_fs_tuple *tuple, u32 tirn, u32 tag,
		     u32 *rule)
{
	struct cx6dx_fs *fs = &priv->fs;
	struct rule r = {
		.table = fs->steer_table,
		.group = fs->tls_group[tuple->ipv6],
		.tag = tag,
		.dest_type = CX6DX_FT_DEST_TIR,
		.dest = tirn,
	};
	struct match m = {};
	int slot, err;

	slot = ida_alloc_max(&fs->tls_ida[tuple->ipv6],
			     CX6DX_FS_TLS_RULES - 1, GFP_KERNEL);
	if (slot < 0)
		return slot;
	r.index = STEER_TLS(tuple->ipv6) + slot;
	match_tuple(&m, tuple);
	err = rule_set(priv->cdev, &r, &m);
	if (err)
		ida_free(&fs->tls_ida[tuple->ipv6], slot);
	else
		*rule = r.index;
	return err;
}

void cx6dx_fs_tls_del(struct cx6dx_priv *priv, u32 rule)
{
	bool ipv6 = rule >= STEER_TLS(1);

	rule_delete(priv->cdev, priv->fs.steer_table, rule);
	ida_free(&priv->fs.tls_ida[ipv6], rule - STEER_TLS(ipv6));
}

/* ---- life ---- */

int cx6dx_fs_create(struct cx6dx_priv *priv)
{
	struct cx6dx_dev *cdev = priv->cdev;
	struct cx6dx_fs *fs = &priv->fs;
	int err;

	mutex_init(&fs->lock);
	ida_init(&fs->tls_ida[0]);
	ida_init(&fs->tls_ida[1]);
	err = table_create(cdev, 1, STEER_ENTRIES, &fs->steer_table);
	if (err)
		return err;
	err = steer_groups_create(priv);
	if (err)
		goto err_steer;
	err = steer_rules_create(priv);
	if (err)
		goto err_steer_groups;
	err = table_create(cdev, 0, L2_ENTRIES, &fs->l2_table);
	if (err)
		goto err_steer_rules;
	err = l2_groups_create(priv);
	if (err)
		goto err_l2;
	err = set_root(cdev, CX6DX_FT_ROOT_SET, fs->l2_table);
	if (err)
		goto err_l2_groups;
	return 0;

err_l2_groups:
	l2_groups_destroy(priv);
err_l2:
	table_destroy(cdev, fs->l2_table);
err_steer_rules:
	steer_rules_destroy(priv);
err_steer_groups:
	steer_groups_destroy(priv);
err_steer:
	table_destroy(cdev, fs->steer_table);
	return err;
}

void cx6dx_fs_destroy(struct cx6dx_priv *priv)
{
	struct cx6dx_dev *cdev = priv->cdev;
	struct cx6dx_fs *fs = &priv->fs;

	set_root(cdev, CX6DX_FT_ROOT_RESET, fs->l2_table);
	l2_groups_destroy(priv);
	table_destroy(cdev, fs->l2_table);
	steer_rules_destroy(priv);
	steer_groups_destroy(priv);
	table_destroy(cdev, fs->steer_table);
	ida_destroy(&fs->tls_ida[1]);
	ida_destroy(&fs->tls_ida[0]);
}
