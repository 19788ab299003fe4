// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * cx6dx_tls: the net_device
 *
 * Owns the objects that live as long as the interface is registered (default
 * TIS, RQ tables, TIRs, flow tables, the queue that drops) and turns the
 * stack's requests into channels that open, close, or open anew with other
 * parameters.
 */
#include <linux/rtnetlink.h>
#include <net/tso.h>

#include "cx6dx.h"
#include "cx6dx_ktls.h"

#define TX_TIMEOUT		(15 * HZ)
#define BASE_FEATURES \
	(NETIF_F_SG | NETIF_F_IP_CSUM | NETIF_F_IPV6_CSUM | NETIF_F_TSO | \
	 NETIF_F_TSO6 | NETIF_F_GSO_UDP_L4)

/* ---- channels ---- */

/* Packets that the device merges are no longer than what a buffer holds */
static int set_gro(struct cx6dx_priv *priv, const struct cx6dx_params *params)
{
	u32 bytes = cx6dx_rq_gro_bytes(params);
	int err;

	if (!priv->cdev->caps.gro_usecs)
		return 0;
	err = cx6dx_tir_set_gro(priv->cdev, priv->tir_rss[CX6DX_TT_TCP4],
				bytes);
	if (err)
		return err;
	err = cx6dx_tir_set_gro(priv->cdev, priv->tir_rss[CX6DX_TT_TCP6],
				bytes);
	if (err)
		return err;
	cx6dx_ktls_rx_set_gro(priv, bytes);
	return 0;
}

static int open_channels(struct cx6dx_priv *priv,
			 const struct cx6dx_params *params)
{
	struct net_device *netdev = priv->netdev;
	int err;

	err = cx6dx_port_set_mtu(priv->cdev,
				 params->mtu + CX6DX_HW_MTU_EXTRA);
	if (err)
		return err;
	err = netif_set_real_num_tx_queues(netdev, params->num_channels);
	if (err)
		return err;
	err = netif_set_real_num_rx_queues(netdev, params->num_channels);
	if (err)
		return err;
	err = set_gro(priv, params);
	if (err)
		return err;
	err = cx6dx_channels_open(priv, params);
	if (err)
		return err;
	cx6dx_channels_activate(priv);
	priv->opened = true;
	return 0;
}

static void close_channels(struct cx6dx_priv *priv)
{
	if (!priv->opened)
		return;
	priv->opened = false;
	cx6dx_channels_deactivate(priv);
	cx6dx_channels_close(priv);
}

static int reopen_running(struct cx6dx_priv *priv,
			  const struct cx6dx_params *params)
{
	int err;

	close_channels(priv);
	err = open_channels(priv, params);
	if (!err) {
		priv->params = *params;
		return 0;
	}
	netdev_err(priv->netdev, "new parameters failed (%d), keeping the old\n",
		   err);
	if (open_channels(priv, &priv->params))
		netdev_err(priv->netdev, "no channels: the interface is dead until it is set down and up\n");
	return err;
}

/*
 * Gives the interface other parameters: at once if it is down, else by opening
 * the channels anew.  If that fails the old ones are tried.  Holds rtnl.
 */
int cx6dx_netdev_reopen(struct cx6dx_priv *priv,
			const struct cx6dx_params *params)
{
	int err;

	if (!netif_running(priv->netdev)) {
		priv->params = *params;
		return 0;
	}
	/* keeps the watchdog quiet: filling large rings may take its time */
	netif_device_detach(priv->netdev);
	err = reopen_running(priv, params);
	netif_device_attach(priv->netdev);
	return err;
}

static void restart_work(struct work_struct *work)
{
	struct cx6dx_priv *priv = container_of(work, struct cx6dx_priv,
					       restart_work);

	rtnl_lock();
	if (netif_running(priv->netdev) && netif_device_present(priv->netdev)) {
		priv->restarts++;
		netdev_warn(priv->netdev, "channels are restarted\n");
		cx6dx_netdev_reopen(priv, &priv->params);
	}
	rtnl_unlock();
}

/* Queues a restart of all channels, after an error.  Any context. */
void cx6dx_netdev_restart(struct cx6dx_priv *priv)
{
	schedule_work(&priv->restart_work);
}

/* ---- link ---- */

static void update_carrier(struct cx6dx_priv *priv)
{
	bool up = false;

	if (cx6dx_port_link_up(priv->cdev, &up))
		return;
	if (up == netif_carrier_ok(priv->netdev))
		return;
	if (up)
		netif_carrier_on(priv->netdev);
	else
		netif_carrier_off(priv->netdev);
	netdev_info(priv->netdev, "link %s\n", up ? "up" : "down");
}

static void link_work(struct work_struct *work)
{
	struct cx6dx_priv *priv = container_of(work, struct cx6dx_priv,
					       link_work);

	update_carrier(priv);
}

/* Event queue: the port's state has changed */
void cx6dx_netdev_link_event(struct cx6dx_dev *cdev)
{
	struct cx6dx_priv *priv;

	if (!cdev->netdev)
		return;
	priv = netdev_priv(cdev->netdev);
	queue_work(cdev->wq, &priv->link_work);
}

/* ---- operations ---- */

static int cx6dx_open(struct net_device *netdev)
{
	struct cx6dx_priv *priv = netdev_priv(netdev);
	int err;

	err = open_channels(priv, &priv->params);
	if (err)
		return err;
	err = cx6dx_port_set_admin(priv->cdev, true);
	if (err) {
		close_channels(priv);
		return err;
	}
	queue_work(priv->cdev->wq, &priv->rx_mode_work);
	queue_work(priv->cdev->wq, &priv->link_work);
	return 0;
}

static int cx6dx_stop(struct net_device *netdev)
{
	struct cx6dx_priv *priv = netdev_priv(netdev);

	cx6dx_port_set_admin(priv->cdev, false);
	netif_carrier_off(netdev);
	close_channels(priv);
	return 0;
}

static void rx_mode_work(struct work_struct *work)
{
	struct cx6dx_priv *priv = container_of(work, struct cx6dx_priv,
					       rx_mode_work);

	cx6dx_fs_sync_rx_mode(priv);
}

static void cx6dx_set_rx_mode(struct net_device *netdev)
{
	struct cx6dx_priv *priv = netdev_priv(netdev);

	queue_work(priv->cdev->wq, &priv->rx_mode_work);
}

static int cx6dx_set_mac(struct net_device *netdev, void *addr)
{
	int err = eth_mac_addr(netdev, addr);

	if (!err)
		cx6dx_set_rx_mode(netdev);
	return err;
}

static int cx6dx_change_mtu(struct net_device *netdev, int mtu)
{
	struct cx6dx_priv *priv = netdev_priv(netdev);
	struct cx6dx_params params = priv->params;
	int err;

	params.mtu = mtu;
	err = cx6dx_netdev_reopen(priv, &params);
	if (!err)
		WRITE_ONCE(netdev->mtu, mtu);
	return err;
}

static netdev_features_t cx6dx_fix_features(struct net_device *netdev,
					    netdev_features_t features)
{
	/* who wants the segments as they came gets them */
	if (!(features & NETIF_F_GRO))
		features &= ~NETIF_F_GRO_HW;
	return features;
}

static int cx6dx_set_features(struct net_device *netdev,
			      netdev_features_t features)
{
	netdev_features_t changed = netdev->features ^ features;
	struct cx6dx_priv *priv = netdev_priv(netdev);
	struct cx6dx_params params = priv->params;
	int err;

	if (!(changed & (NETIF_F_HW_VLAN_CTAG_RX | NETIF_F_GRO_HW)))
		return 0;
	params.vlan_strip = features & NETIF_F_HW_VLAN_CTAG_RX;
	params.hw_gro = features & NETIF_F_GRO_HW;
	if (params.vlan_strip != priv->params.vlan_strip || !priv->opened ||
	    (params.hw_gro && !priv->open_params.hw_gro))
		return cx6dx_netdev_reopen(priv, &params);
	/* buffers with room for large packets serve short ones as well */
	err = set_gro(priv, &params);
	if (!err)
		priv->params.hw_gro = params.hw_gro;
	return err;
}

static netdev_features_t cx6dx_features_check(struct sk_buff *skb,
					      struct net_device *netdev,
					      netdev_features_t features)
{
	features = vlan_features_check(skb, features);
	/* headers of a tunnel would have to be inlined and rewritten too */
	if (skb->encapsulation)
		features &= ~(NETIF_F_CSUM_MASK | NETIF_F_GSO_MASK);
	return features;
}

static void cx6dx_tx_timeout(struct net_device *netdev, unsigned int queue)
{
	struct cx6dx_priv *priv = netdev_priv(netdev);
	struct cx6dx_sq *sq = READ_ONCE(priv->txsq[queue]);

	/* without one the channels are being opened anew */
	if (!sq)
		return;
	netdev_err(netdev, "queue %u (SQ 0x%x) is stuck: posted %u, completed %u\n",
		   queue, sq->sqn, sq->pi, sq->cc);
	cx6dx_netdev_restart(priv);
}

static void cx6dx_get_stats(struct net_device *netdev,
			    struct rtnl_link_stats64 *stats)
{
	struct cx6dx_priv *priv = netdev_priv(netdev);
	unsigned int start;
	int i;

	for (i = 0; i < priv->max_channels; i++) {
		struct cx6dx_sq_stats *tx = &priv->stats[i].sq;
		struct cx6dx_rq_stats *rx = &priv->stats[i].rq;
		u64 packets, bytes, dropped;

		do {
			start = u64_stats_fetch_begin(&tx->syncp);
			packets = u64_stats_read(&tx->packets);
			bytes = u64_stats_read(&tx->bytes);
			dropped = u64_stats_read(&tx->dropped) +
				  u64_stats_read(&tx->tls_drop_no_sync_data) +
				  u64_stats_read(&tx->tls_drop_bypass_req);
		} while (u64_stats_fetch_retry(&tx->syncp, start));
		stats->tx_packets += packets;
		stats->tx_bytes += bytes;
		stats->tx_dropped += dropped;

		do {
			start = u64_stats_fetch_begin(&rx->syncp);
			packets = u64_stats_read(&rx->packets);
			bytes = u64_stats_read(&rx->bytes);
			dropped = u64_stats_read(&rx->dropped);
		} while (u64_stats_fetch_retry(&rx->syncp, start));
		stats->rx_packets += packets;
		stats->rx_bytes += bytes;
		stats->rx_dropped += dropped;
	}
}

/* A TLS stream stays on one queue: the device keeps its bytes in order there */
static u16 cx6dx_select_queue(struct net_device *netdev, struct sk_buff *skb,
			      struct net_device *sb_dev)
{
	if (cx6dx_ktls_offloaded(skb)) {
		int queue = cx6dx_ktls_tx_queue(skb, netdev);

		if (queue >= 0)
			return queue;
	}
	return netdev_pick_tx(netdev, skb, sb_dev);
}

static const struct net_device_ops cx6dx_netdev_ops = {
	.ndo_open = cx6dx_open,
	.ndo_stop = cx6dx_stop,
	.ndo_start_xmit = cx6dx_xmit,
	.ndo_select_queue = cx6dx_select_queue,
	.ndo_set_rx_mode = cx6dx_set_rx_mode,
	.ndo_set_mac_address = cx6dx_set_mac,
	.ndo_validate_addr = eth_validate_addr,
	.ndo_change_mtu = cx6dx_change_mtu,
	.ndo_fix_features = cx6dx_fix_features,
	.ndo_set_features = cx6dx_set_features,
	.ndo_features_check = cx6dx_features_check,
	.ndo_tx_timeout = cx6dx_tx_timeout,
	.ndo_get_stats64 = cx6dx_get_stats,
};

/* ---- objects of the interface ---- */

/* A queue with no buffers: what reaches it is dropped and counted */
static int drop_queue_create(struct cx6dx_priv *priv)
{
	struct cx6dx_dev *cdev = priv->cdev;
	struct cx6dx_rq *rq = &priv->drop_rq;
	int err;

	err = cx6dx_cq_create(cdev, &priv->drop_cq, 1, cdev->async_eq.eqn,
			      NULL);
	if (err)
		return err;
	err = cx6dx_buf_alloc(cdev, &rq->buf, CX6DX_PAGE_BYTES);
	if (err)
		goto err_cq;
	err = cx6dx_dbrec_alloc(cdev, &rq->db);
	if (err)
		goto err_buf;
	rq->log_stride = order_base_2(CX6DX_WQE_DS_BYTES);
	err = cx6dx_rq_create_cmd(cdev, rq, 0, priv->drop_cq.cqn, true,
				  &rq->rqn);
	if (err)
		goto err_db;
	err = cx6dx_queue_ready(cdev, CX6DX_CMD_MODIFY_RQ, rq->rqn);
	if (err)
		goto err_rq;
	return 0;

err_rq:
	cx6dx_cmd_simple(cdev, CX6DX_CMD_DESTROY_RQ, rq->rqn);
err_db:
	cx6dx_dbrec_free(cdev, &rq->db);
err_buf:
	cx6dx_buf_free(cdev, &rq->buf);
err_cq:
	cx6dx_cq_destroy(cdev, &priv->drop_cq);
	return err;
}

static void drop_queue_destroy(struct cx6dx_priv *priv)
{
	struct cx6dx_dev *cdev = priv->cdev;

	cx6dx_cmd_simple(cdev, CX6DX_CMD_DESTROY_RQ, priv->drop_rq.rqn);
	cx6dx_dbrec_free(cdev, &priv->drop_rq.db);
	cx6dx_buf_free(cdev, &priv->drop_rq.buf);
	cx6dx_cq_destroy(cdev, &priv->drop_cq);
}

static int rqts_create(struct cx6dx_priv *priv)
{
	u32 rqn = priv->drop_rq.rqn;
	int err, i;

	err = cx6dx_rqt_create(priv->cdev, priv->rqt_size, rqn,
			       &priv->rqt_rss);
	if (err)
		return err;
	for (i = 0; i < priv->max_channels; i++) {
		err = cx6dx_rqt_create(priv->cdev, 1, rqn,
				       &priv->rqt_direct[i]);
		if (err)
			goto err;
	}
	return 0;

err:
	while (i--)
		cx6dx_cmd_simple(priv->cdev, CX6DX_CMD_DESTROY_RQT,
				 priv->rqt_direct[i]);
	cx6dx_cmd_simple(priv->cdev, CX6DX_CMD_DESTROY_RQT, priv->rqt_rss);
	return err;
}

static void rqts_destroy(struct cx6dx_priv *priv)
{
	int i;

	for (i = priv->max_channels - 1; i >= 0; i--)
		cx6dx_cmd_simple(priv->cdev, CX6DX_CMD_DESTROY_RQT,
				 priv->rqt_direct[i]);
	cx6dx_cmd_simple(priv->cdev, CX6DX_CMD_DESTROY_RQT, priv->rqt_rss);
}

static int tirs_create(struct cx6dx_priv *priv)
{
	int err, i;

	for (i = 0; i < CX6DX_TT_NUM; i++) {
		err = cx6dx_tir_create(priv->cdev, priv->rqt_rss, i,
				       priv->hash_key, false, 0,
				       &priv->tir_rss[i]);
		if (err)
			goto err;
	}
	err = cx6dx_tir_create(priv->cdev, priv->rqt_direct[0], 0, NULL, false,
			       0, &priv->tir_any);
	if (err)
		goto err;
	return 0;

err:
	while (i--)
		cx6dx_cmd_simple(priv->cdev, CX6DX_CMD_DESTROY_TIR,
				 priv->tir_rss[i]);
	return err;
}

static void tirs_destroy(struct cx6dx_priv *priv)
{
	int i;

	cx6dx_cmd_simple(priv->cdev, CX6DX_CMD_DESTROY_TIR, priv->tir_any);
	for (i = CX6DX_TT_NUM - 1; i >= 0; i--)
		cx6dx_cmd_simple(priv->cdev, CX6DX_CMD_DESTROY_TIR,
				 priv->tir_rss[i]);
}

static int attach(struct cx6dx_priv *priv)
{
	struct cx6dx_dev *cdev = priv->cdev;
	int err;

	err = cx6dx_tis_create(cdev, false, &priv->tisn);
	if (err)
		return err;
	err = drop_queue_create(priv);
	if (err)
		goto err_tis;
	err = rqts_create(priv);
	if (err)
		goto err_drop;
	err = tirs_create(priv);
	if (err)
		goto err_rqts;
	err = cx6dx_fs_create(priv);
	if (err)
		goto err_tirs;
	err = cx6dx_ktls_init(priv);
	if (err)
		goto err_fs;
	return 0;

err_fs:
	cx6dx_fs_destroy(priv);
err_tirs:
	tirs_destroy(priv);
err_rqts:
	rqts_destroy(priv);
err_drop:
	drop_queue_destroy(priv);
err_tis:
	cx6dx_cmd_simple(cdev, CX6DX_CMD_DESTROY_TIS, priv->tisn);
	return err;
}

static void detach(struct cx6dx_priv *priv)
{
	cx6dx_ktls_cleanup(priv);
	cx6dx_fs_destroy(priv);
	tirs_destroy(priv);
	rqts_destroy(priv);
	drop_queue_destroy(priv);
	cx6dx_cmd_simple(priv->cdev, CX6DX_CMD_DESTROY_TIS, priv->tisn);
}

/* ---- life ---- */

static void init_params(struct cx6dx_priv *priv)
{
	priv->params.rq_entries = priv->cdev->caps.gro_usecs ?
				  CX6DX_GRO_RQ_ENTRIES : CX6DX_RQ_ENTRIES;
	priv->params.sq_entries = CX6DX_SQ_ENTRIES;
	priv->params.num_channels = priv->max_channels;
	priv->params.cq_usecs = CX6DX_RX_USECS;
	priv->params.cq_frames = CX6DX_RX_FRAMES;
	priv->params.mtu = ETH_DATA_LEN;
	priv->params.vlan_strip = true;
	priv->params.hw_gro = priv->cdev->caps.gro_usecs;
}

static int init_addresses(struct cx6dx_priv *priv)
{
	struct net_device *netdev = priv->netdev;
	u8 mac[ETH_ALEN];
	u16 hw_mtu;
	int err;

	err = cx6dx_port_mac(priv->cdev, mac);
	if (err)
		return err;
	if (is_valid_ether_addr(mac))
		eth_hw_addr_set(netdev, mac);
	else
		eth_hw_addr_random(netdev);
	err = cx6dx_port_max_mtu(priv->cdev, &hw_mtu);
	if (err)
		return err;
	netdev->min_mtu = ETH_MIN_MTU;
	netdev->max_mtu = min_t(int, hw_mtu - CX6DX_HW_MTU_EXTRA,
				CX6DX_MAX_FRAME_PAGES * PAGE_SIZE - ETH_HLEN -
				VLAN_HLEN);
	return 0;
}

static void init_features(struct cx6dx_priv *priv)
{
	struct net_device *netdev = priv->netdev;

	netdev->hw_features = BASE_FEATURES | NETIF_F_RXCSUM | NETIF_F_RXHASH |
			      NETIF_F_HW_VLAN_CTAG_TX |
			      NETIF_F_HW_VLAN_CTAG_RX;
	if (priv->cdev->caps.gro_usecs)
		netdev->hw_features |= NETIF_F_GRO_HW;
	netdev->features = netdev->hw_features | NETIF_F_HIGHDMA;
	netdev->vlan_features = BASE_FEATURES | NETIF_F_RXCSUM |
				NETIF_F_HIGHDMA;
	if (priv->cdev->caps.max_lso < GSO_LEGACY_MAX_SIZE)
		netif_set_tso_max_size(netdev, priv->cdev->caps.max_lso);
}

static void init_channel_state(struct cx6dx_priv *priv)
{
	int i;

	for (i = 0; i < priv->max_channels; i++) {
		u64_stats_init(&priv->stats[i].sq.syncp);
		u64_stats_init(&priv->stats[i].rq.syncp);
		spin_lock_init(&priv->ico[i].lock);
		INIT_LIST_HEAD(&priv->ico[i].retry);
	}
}

int cx6dx_netdev_create(struct cx6dx_dev *cdev)
{
	int channels = min(cdev->num_vectors - 1, CX6DX_MAX_CHANNELS);
	struct net_device *netdev;
	struct cx6dx_priv *priv;
	int err;

	netdev = alloc_etherdev_mqs(sizeof(*priv), channels, channels);
	if (!netdev)
		return -ENOMEM;
	SET_NETDEV_DEV(netdev, cdev->dev);
	priv = netdev_priv(netdev);
	priv->netdev = netdev;
	priv->cdev = cdev;
	priv->max_channels = channels;
	priv->rqt_size = min_t(u32, CX6DX_RSS_ENTRIES,
			       cdev->caps.max_rqt_size);
	netdev_rss_key_fill(priv->hash_key, sizeof(priv->hash_key));
	INIT_WORK(&priv->rx_mode_work, rx_mode_work);
	INIT_WORK(&priv->link_work, link_work);
	INIT_WORK(&priv->restart_work, restart_work);
	init_params(priv);
	init_channel_state(priv);

	netdev->netdev_ops = &cx6dx_netdev_ops;
	netdev->ethtool_ops = &cx6dx_ethtool_ops;
	netdev->watchdog_timeo = TX_TIMEOUT;
	init_features(priv);
	err = init_addresses(priv);
	if (err)
		goto err_free;
	err = attach(priv);
	if (err)
		goto err_free;
	/* frames that find no buffer wait on the other side, not in vain */
	if (cx6dx_port_set_pause(cdev, true, true))
		dev_info(cdev->dev, "no pause frames on this port\n");
	netif_carrier_off(netdev);
	cdev->netdev = netdev;
	err = register_netdev(netdev);
	if (err)
		goto err_detach;
	return 0;

err_detach:
	cdev->netdev = NULL;
	cancel_work_sync(&priv->link_work);
	cancel_work_sync(&priv->restart_work);
	detach(priv);
err_free:
	free_netdev(netdev);
	return err;
}

void cx6dx_netdev_destroy(struct cx6dx_dev *cdev)
{
	struct net_device *netdev = cdev->netdev;
	struct cx6dx_priv *priv = netdev_priv(netdev);

	unregister_netdev(netdev);
	/* no event may find the works any more */
	WRITE_ONCE(cdev->netdev, NULL);
	synchronize_irq(cdev->async_eq.irq);
	cancel_work_sync(&priv->restart_work);
	cancel_work_sync(&priv->rx_mode_work);
	cancel_work_sync(&priv->link_work);
	detach(priv);
	free_netdev(netdev);
}
