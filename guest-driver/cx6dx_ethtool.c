// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * cx6dx_tls: ethtool operations
 *
 * All counters come from one table of names and offsets, but for those of the
 * device's model of time; what a channel counts is shown as the sum over the
 * channels.
 */
#include <linux/ethtool.h>

#include "cx6dx.h"
#include "cx6dx_rss.h"

/* ---- statistics ---- */

enum stat_kind {
	STAT_SQ,	/* u64_stats_t in struct cx6dx_sq_stats, summed */
	STAT_RQ,	/* the same in struct cx6dx_rq_stats */
	STAT_TLS,	/* atomic64_t in struct cx6dx_tls_stats */
	STAT_RESTARTS,
	STAT_OUT_OF_BUFFER,
};

static const struct {
	char name[ETH_GSTRING_LEN];
	enum stat_kind kind;
	size_t offset;
} stat_table[] = {
#define SQ(name, field)  { name, STAT_SQ, offsetof(struct cx6dx_sq_stats, field) }
#define RQ(name, field)  { name, STAT_RQ, offsetof(struct cx6dx_rq_stats, field) }
#define TLS(name, field) { name, STAT_TLS, offsetof(struct cx6dx_tls_stats, field) }
	SQ("tx_packets", packets),
	SQ("tx_bytes", bytes),
	SQ("tx_tso_packets", tso_packets),
	SQ("tx_csum_partial", csum_partial),
	SQ("tx_added_vlan_packets", vlan_insert),
	SQ("tx_queue_stopped", stopped),
	SQ("tx_queue_wake", woken),
	SQ("tx_queue_dropped", dropped),
	SQ("tx_doorbells", doorbells),
	SQ("tx_cqes", cqes),
	RQ("rx_packets", packets),
	RQ("rx_bytes", bytes),
	RQ("rx_csum_unnecessary", csum_unnecessary),
	RQ("rx_csum_none", csum_none),
	RQ("rx_removed_vlan_packets", vlan_stripped),
	RQ("rx_hw_gro_packets", hw_gro_packets),
	RQ("rx_hw_gro_bytes", hw_gro_bytes),
	RQ("rx_hw_gro_wire_packets", hw_gro_wire_packets),
	RQ("rx_copied_packets", copied),
	RQ("rx_buff_alloc_err", alloc_failed),
	RQ("rx_dropped", dropped),
	{ "rx_out_of_buffer", STAT_OUT_OF_BUFFER, 0 },
	RQ("ch_poll", polls),
	RQ("ch_arm", arms),
	{ "restarts", STAT_RESTARTS, 0 },
#if IS_ENABLED(CONFIG_TLS_DEVICE)
	SQ("tx_tls_encrypted_packets", tls_encrypted_packets),
	SQ("tx_tls_encrypted_bytes", tls_encrypted_bytes),
	TLS("tx_tls_ctx", tx_ctx),
	TLS("tx_tls_del", tx_del),
	TLS("tx_tls_pool_alloc", tx_pool_alloc),
	TLS("tx_tls_pool_free", tx_pool_free),
	SQ("tx_tls_ooo", tls_ooo),
	SQ("tx_tls_dump_packets", tls_dump_packets),
	SQ("tx_tls_dump_bytes", tls_dump_bytes),
	SQ("tx_tls_skip_no_sync_data", tls_skip_no_sync_data),
	SQ("tx_tls_drop_no_sync_data", tls_drop_no_sync_data),
	SQ("tx_tls_drop_bypass_req", tls_drop_bypass_req),
	RQ("rx_tls_decrypted_packets", tls_decrypted_packets),
	RQ("rx_tls_decrypted_bytes", tls_decrypted_bytes),
	TLS("rx_tls_ctx", rx_ctx),
	TLS("rx_tls_del", rx_del),
	RQ("rx_tls_resync_req_pkt", tls_resync_req_pkt),
	RQ("rx_tls_resync_req_start", tls_resync_req_start),
	RQ("rx_tls_resync_req_end", tls_resync_req_end),
	RQ("rx_tls_resync_req_skip", tls_resync_req_skip),
	RQ("rx_tls_resync_res_ok", tls_resync_res_ok),
	RQ("rx_tls_resync_res_retry", tls_resync_res_retry),
	RQ("rx_tls_resync_res_skip", tls_resync_res_skip),
	RQ("rx_tls_err", tls_err),
#endif
};

static u64 read_stat(u64_stats_t *stat, struct u64_stats_sync *syncp)
{
	unsigned int start;
	u64 value;

	do {
		start = u64_stats_fetch_begin(syncp);
		value = u64_stats_read(stat);
	} while (u64_stats_fetch_retry(syncp, start));
	return value;
}

static u64 sum_stat(struct cx6dx_priv *priv, enum stat_kind kind,
		    size_t offset)
{
	u64 sum = 0;
	int i;

	for (i = 0; i < priv->max_channels; i++) {
		struct cx6dx_sq_stats *sq = &priv->stats[i].sq;
		struct cx6dx_rq_stats *rq = &priv->stats[i].rq;

		if (kind == STAT_SQ)
			sum += read_stat((void *)sq + offset, &sq->syncp);
		else
			sum += read_stat((void *)rq + offset, &rq->syncp);
	}
	return sum;
}

/* In the order of the bits CX6DX_PFLAG_* */
static const char priv_flag_names[][ETH_GSTRING_LEN] = {
#if IS_ENABLED(CONFIG_TLS_DEVICE)
	"rx-resync-driver-req",
	"rx-resync-next-hint",
#endif
};

static int get_sset_count(struct net_device *netdev, int sset)
{
	struct cx6dx_priv *priv = netdev_priv(netdev);

	switch (sset) {
	case ETH_SS_STATS:
		return ARRAY_SIZE(stat_table) + priv->cdev->num_model_names;
	case ETH_SS_PRIV_FLAGS:
		return ARRAY_SIZE(priv_flag_names);
	default:
		return -EOPNOTSUPP;
	}
}

static void get_strings(struct net_device *netdev, u32 sset, u8 *data)
{
	struct cx6dx_priv *priv = netdev_priv(netdev);
	int i;

	if (sset == ETH_SS_PRIV_FLAGS)
		memcpy(data, priv_flag_names, sizeof(priv_flag_names));
	if (sset != ETH_SS_STATS)
		return;
	for (i = 0; i < ARRAY_SIZE(stat_table); i++)
		memcpy(data + i * ETH_GSTRING_LEN, stat_table[i].name,
		       ETH_GSTRING_LEN);
	cx6dx_model_strings(priv->cdev, data + i * ETH_GSTRING_LEN);
}

static void get_ethtool_stats(struct net_device *netdev,
			      struct ethtool_stats *stats, u64 *data)
{
	struct cx6dx_priv *priv = netdev_priv(netdev);
	u32 out_of_buffer = 0;
	int i;

	cx6dx_port_out_of_buffer(priv->cdev, &out_of_buffer);
	for (i = 0; i < ARRAY_SIZE(stat_table); i++) {
		size_t offset = stat_table[i].offset;

		switch (stat_table[i].kind) {
		case STAT_TLS:
			data[i] = atomic64_read((void *)&priv->tls_stats +
						offset);
			break;
		case STAT_RESTARTS:
			data[i] = priv->restarts;
			break;
		case STAT_OUT_OF_BUFFER:
			data[i] = out_of_buffer;
			break;
		default:
			data[i] = sum_stat(priv, stat_table[i].kind, offset);
		}
	}
	cx6dx_model_stats(priv->cdev, data + i);
}

/* ---- identity and link ---- */

static void get_drvinfo(struct net_device *netdev,
			struct ethtool_drvinfo *info)
{
	struct cx6dx_priv *priv = netdev_priv(netdev);
	struct cx6dx_dev *cdev = priv->cdev;

	strscpy(info->driver, CX6DX_DRV_NAME, sizeof(info->driver));
	snprintf(info->fw_version, sizeof(info->fw_version), "%.12s (%.16s)",
		 cdev->fw_version, cdev->psid);
	strscpy(info->bus_info, pci_name(cdev->pdev), sizeof(info->bus_info));
}

static int get_link_ksettings(struct net_device *netdev,
			      struct ethtool_link_ksettings *ks)
{
	struct cx6dx_priv *priv = netdev_priv(netdev);
	u8 ptys[CX6DX_BYTES(ptys_reg)] = {};
	u32 capable;
	int err;

	CX6DX_SET(ptys_reg, ptys, local_port, 1);
	CX6DX_SET(ptys_reg, ptys, proto_mask, CX6DX_PTYS_PROTO_ETH);
	err = cx6dx_reg_access(priv->cdev, CX6DX_REG_PTYS, false, ptys,
			       sizeof(ptys));
	if (err)
		return err;

	ethtool_link_ksettings_zero_link_mode(ks, supported);
	ethtool_link_ksettings_zero_link_mode(ks, advertising);
	ethtool_link_ksettings_add_link_mode(ks, supported, FIBRE);
	capable = CX6DX_GET(ptys_reg, ptys, eth_proto_capability);
	if (capable & BIT(CX6DX_PTYS_100GBASE_CR4)) {
		ethtool_link_ksettings_add_link_mode(ks, supported,
						     100000baseCR4_Full);
		ethtool_link_ksettings_add_link_mode(ks, advertising,
						     100000baseCR4_Full);
	}
	if (capable & BIT(CX6DX_PTYS_100GBASE_SR4)) {
		ethtool_link_ksettings_add_link_mode(ks, supported,
						     100000baseSR4_Full);
		ethtool_link_ksettings_add_link_mode(ks, advertising,
						     100000baseSR4_Full);
	}
	ks->base.port = PORT_FIBRE;
	ks->base.autoneg = AUTONEG_DISABLE;
	ks->base.speed = SPEED_UNKNOWN;
	ks->base.duplex = DUPLEX_UNKNOWN;
	if (netif_carrier_ok(netdev) &&
	    CX6DX_GET(ptys_reg, ptys, eth_proto_oper) &
	    (BIT(CX6DX_PTYS_100GBASE_CR4) | BIT(CX6DX_PTYS_100GBASE_SR4))) {
		ks->base.speed = SPEED_100000;
		ks->base.duplex = DUPLEX_FULL;
	}
	return 0;
}

static void get_pauseparam(struct net_device *netdev,
			   struct ethtool_pauseparam *pause)
{
	struct cx6dx_priv *priv = netdev_priv(netdev);
	bool rx = false, tx = false;

	cx6dx_port_get_pause(priv->cdev, &rx, &tx);
	pause->autoneg = AUTONEG_DISABLE;
	pause->rx_pause = rx;
	pause->tx_pause = tx;
}

static int set_pauseparam(struct net_device *netdev,
			  struct ethtool_pauseparam *pause)
{
	struct cx6dx_priv *priv = netdev_priv(netdev);

	if (pause->autoneg)
		return -EINVAL;
	return cx6dx_port_set_pause(priv->cdev, pause->rx_pause,
				    pause->tx_pause);
}

static u32 get_msglevel(struct net_device *netdev)
{
	struct cx6dx_priv *priv = netdev_priv(netdev);

	return priv->msg_enable;
}

static void set_msglevel(struct net_device *netdev, u32 level)
{
	struct cx6dx_priv *priv = netdev_priv(netdev);

	priv->msg_enable = level;
}

/* How TLS connections that are made from now on resynchronise */
static u32 get_priv_flags(struct net_device *netdev)
{
	struct cx6dx_priv *priv = netdev_priv(netdev);

	return priv->priv_flags;
}

static int set_priv_flags(struct net_device *netdev, u32 flags)
{
	struct cx6dx_priv *priv = netdev_priv(netdev);

	if (hweight32(flags) > 1) {
		netdev_err(netdev,
			   "rx-resync-driver-req and rx-resync-next-hint exclude each other\n");
		return -EINVAL;
	}
	WRITE_ONCE(priv->priv_flags, flags);
	return 0;
}

/* ---- rings, channels, moderation ---- */

static u32 max_ring(struct cx6dx_priv *priv)
{
	return min_t(u32, CX6DX_MAX_RING, 1U << priv->cdev->caps.log_max_wq);
}

static void get_ringparam(struct net_device *netdev,
			  struct ethtool_ringparam *ring,
			  struct kernel_ethtool_ringparam *kring,
			  struct netlink_ext_ack *extack)
{
	struct cx6dx_priv *priv = netdev_priv(netdev);

	ring->rx_max_pending = max_ring(priv);
	ring->tx_max_pending = max_ring(priv);
	ring->rx_pending = priv->params.rq_entries;
	ring->tx_pending = priv->params.sq_entries;
}

static int set_ringparam(struct net_device *netdev,
			 struct ethtool_ringparam *ring,
			 struct kernel_ethtool_ringparam *kring,
			 struct netlink_ext_ack *extack)
{
	struct cx6dx_priv *priv = netdev_priv(netdev);
	struct cx6dx_params params = priv->params;

	if (ring->rx_mini_pending || ring->rx_jumbo_pending)
		return -EINVAL;
	if (ring->rx_pending < CX6DX_MIN_RING ||
	    ring->tx_pending < CX6DX_MIN_RING) {
		NL_SET_ERR_MSG(extack, "a ring has at least 512 entries");
		return -EINVAL;
	}
	params.rq_entries = roundup_pow_of_two(ring->rx_pending);
	params.sq_entries = roundup_pow_of_two(ring->tx_pending);
	if (params.rq_entries > max_ring(priv) ||
	    params.sq_entries > max_ring(priv))
		return -EINVAL;
	if (params.rq_entries == priv->params.rq_entries &&
	    params.sq_entries == priv->params.sq_entries)
		return 0;
	return cx6dx_netdev_reopen(priv, &params);
}

static void get_channels(struct net_device *netdev,
			 struct ethtool_channels *ch)
{
	struct cx6dx_priv *priv = netdev_priv(netdev);

	ch->max_combined = priv->max_channels;
	ch->combined_count = priv->params.num_channels;
}

static int set_channels(struct net_device *netdev,
			struct ethtool_channels *ch)
{
	struct cx6dx_priv *priv = netdev_priv(netdev);
	struct cx6dx_params params = priv->params;

	if (ch->rx_count || ch->tx_count || !ch->combined_count)
		return -EINVAL;
	if (ch->combined_count == params.num_channels)
		return 0;
	params.num_channels = ch->combined_count;
	return cx6dx_netdev_reopen(priv, &params);
}

static int get_coalesce(struct net_device *netdev,
			struct ethtool_coalesce *coal,
			struct kernel_ethtool_coalesce *kcoal,
			struct netlink_ext_ack *extack)
{
	struct cx6dx_priv *priv = netdev_priv(netdev);

	if (!priv->cdev->caps.cq_moderation)
		return -EOPNOTSUPP;
	coal->rx_coalesce_usecs = priv->params.cq_usecs;
	coal->rx_max_coalesced_frames = priv->params.cq_frames;
	return 0;
}

/* Both directions of a channel share one CQ, so one pair of values */
static int set_coalesce(struct net_device *netdev,
			struct ethtool_coalesce *coal,
			struct kernel_ethtool_coalesce *kcoal,
			struct netlink_ext_ack *extack)
{
	struct cx6dx_priv *priv = netdev_priv(netdev);
	int i, err;

	if (!priv->cdev->caps.cq_moderation)
		return -EOPNOTSUPP;
	if (coal->rx_coalesce_usecs > CX6DX_FIELD_MAX(cqc, cq_period) ||
	    coal->rx_max_coalesced_frames >
	    CX6DX_FIELD_MAX(cqc, cq_max_count)) {
		NL_SET_ERR_MSG(extack, "moderation out of range");
		return -ERANGE;
	}
	for (i = 0; priv->opened && i < priv->open_params.num_channels; i++) {
		err = cx6dx_cq_moderate(priv->cdev, priv->ch[i]->cq.cqn,
					coal->rx_coalesce_usecs,
					coal->rx_max_coalesced_frames);
		if (err)
			return err;
	}
	priv->params.cq_usecs = coal->rx_coalesce_usecs;
	priv->params.cq_frames = coal->rx_max_coalesced_frames;
	return 0;
}

const struct ethtool_ops cx6dx_ethtool_ops = {
	.supported_coalesce_params = ETHTOOL_COALESCE_RX_USECS |
				     ETHTOOL_COALESCE_RX_MAX_FRAMES,
	.get_drvinfo = get_drvinfo,
	.get_link = ethtool_op_get_link,
	.get_link_ksettings = get_link_ksettings,
	.get_pauseparam = get_pauseparam,
	.set_pauseparam = set_pauseparam,
	.get_msglevel = get_msglevel,
	.set_msglevel = set_msglevel,
	.get_priv_flags = get_priv_flags,
	.set_priv_flags = set_priv_flags,
	.get_ringparam = get_ringparam,
	.set_ringparam = set_ringparam,
	.get_channels = get_channels,
	.set_channels = set_channels,
	.get_coalesce = get_coalesce,
	.set_coalesce = set_coalesce,
	.get_rxfh_key_size = cx6dx_rss_key_size,
	.get_rxfh_indir_size = cx6dx_rss_indir_size,
	.get_rxfh = cx6dx_rss_get,
	.set_rxfh = cx6dx_rss_set,
#ifdef CX6DX_HAVE_RX_RING_COUNT
	.get_rx_ring_count = cx6dx_rss_ring_count,
#else
	.get_rxnfc = cx6dx_rss_get_rxnfc,
#endif
	.get_ts_info = ethtool_op_get_ts_info,
	.get_sset_count = get_sset_count,
	.get_strings = get_strings,
	.get_ethtool_stats = get_ethtool_stats,
};
