// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * cx6dx_tls: how received packets spread over the channels
 *
 * The indirection table of the device holds receive queues; what the user sees
 * and sets is the same table in channel numbers, kept here, as queues come and
 * go with the channels.  The key is that of the hash in the TIRs (PRM "Receive
 * Side Scaling").  Without a table of the user's own all channels take part.
 */
#include <linux/ethtool.h>

#include "cx6dx.h"
#include "cx6dx_rss.h"

/* ---- the device's tables ---- */

/* The channel of entry @i while there are @n */
static u32 rss_channel(const struct cx6dx_priv *priv, u32 i, u32 n)
{
	return priv->own_indir ? priv->indir[i] :
				 ethtool_rxfh_indir_default(i, n);
}

static void fill_table(struct cx6dx_priv *priv, bool to_channels)
{
	u32 n = priv->open_params.num_channels;
	u32 rqn = priv->drop_rq.rqn;
	u32 *list;
	u32 i;

	list = kcalloc(priv->rqt_size, sizeof(*list), GFP_KERNEL);
	if (!list) {
		/* the first channel takes all: slower, not wrong */
		if (to_channels)
			rqn = priv->ch[0]->rq.rqn;
		cx6dx_rqt_modify(priv->cdev, priv->rqt_rss, &rqn, 1);
		return;
	}
	for (i = 0; i < priv->rqt_size; i++) {
		if (to_channels)
			rqn = priv->ch[rss_channel(priv, i, n) % n]->rq.rqn;
		list[i] = rqn;
	}
	cx6dx_rqt_modify(priv->cdev, priv->rqt_rss, list, priv->rqt_size);
	kfree(list);
}

/*
 * Points the RQ tables to the open channels, or to the queue that drops.  An
 * error of the device leaves a table as it was.
 */
void cx6dx_rss_redirect(struct cx6dx_priv *priv, bool to_channels)
{
	u32 n = priv->open_params.num_channels;
	u32 rqn = priv->drop_rq.rqn;
	int i;

	/* the user's table is gone once the core says so */
	priv->own_indir &= netif_is_rxfh_configured(priv->netdev);
	for (i = 0; i < priv->max_channels; i++) {
		if (to_channels)
			rqn = priv->ch[i % n]->rq.rqn;
		cx6dx_rqt_modify(priv->cdev, priv->rqt_direct[i], &rqn, 1);
	}
	fill_table(priv, to_channels);
}

static int set_key(struct cx6dx_priv *priv, const u8 *key)
{
	int i, err;

	for (i = 0; i < CX6DX_TT_NUM; i++) {
		err = cx6dx_tir_set_hash(priv->cdev, priv->tir_rss[i], i, key);
		if (err)
			goto undo;
	}
	memcpy(priv->hash_key, key, sizeof(priv->hash_key));
	return 0;

undo:
	while (i--)
		cx6dx_tir_set_hash(priv->cdev, priv->tir_rss[i], i,
				   priv->hash_key);
	return err;
}

/* ---- ethtool ---- */

u32 cx6dx_rss_key_size(struct net_device *netdev)
{
	struct cx6dx_priv *priv = netdev_priv(netdev);

	return sizeof(priv->hash_key);
}

u32 cx6dx_rss_indir_size(struct net_device *netdev)
{
	struct cx6dx_priv *priv = netdev_priv(netdev);

	return priv->rqt_size;
}

static void get_rss(struct cx6dx_priv *priv, u32 *indir, u8 *key)
{
	u32 i;

	priv->own_indir &= netif_is_rxfh_configured(priv->netdev);
	for (i = 0; indir && i < priv->rqt_size; i++)
		indir[i] = rss_channel(priv, i, priv->params.num_channels);
	if (key)
		memcpy(key, priv->hash_key, sizeof(priv->hash_key));
}

/* The core has checked the entries against the number of channels */
static int set_rss(struct cx6dx_priv *priv, const u32 *indir, const u8 *key,
		   u8 hfunc)
{
	int err;
	u32 i;

	if (hfunc != ETH_RSS_HASH_NO_CHANGE && hfunc != ETH_RSS_HASH_TOP)
		return -EOPNOTSUPP;
	if (key) {
		err = set_key(priv, key);
		if (err)
			return err;
	}
	if (!indir)
		return 0;
	for (i = 0; i < priv->rqt_size; i++)
		priv->indir[i] = indir[i];
	/* the core notes after this call whether it is the default again */
	priv->own_indir = true;
	if (priv->opened)
		fill_table(priv, true);
	return 0;
}

#ifdef CX6DX_HAVE_RXFH_PARAM
int cx6dx_rss_get(struct net_device *netdev, struct ethtool_rxfh_param *rxfh)
{
	rxfh->hfunc = ETH_RSS_HASH_TOP;
	get_rss(netdev_priv(netdev), rxfh->indir, rxfh->key);
	return 0;
}

int cx6dx_rss_set(struct net_device *netdev, struct ethtool_rxfh_param *rxfh,
		  struct netlink_ext_ack *extack)
{
	if (rxfh->rss_context)
		return -EOPNOTSUPP;
	return set_rss(netdev_priv(netdev), rxfh->indir, rxfh->key,
		       rxfh->hfunc);
}
#else
int cx6dx_rss_get(struct net_device *netdev, u32 *indir, u8 *key, u8 *hfunc)
{
	if (hfunc)
		*hfunc = ETH_RSS_HASH_TOP;
	get_rss(netdev_priv(netdev), indir, key);
	return 0;
}

int cx6dx_rss_set(struct net_device *netdev, const u32 *indir, const u8 *key,
		  const u8 hfunc)
{
	return set_rss(netdev_priv(netdev), indir, key, hfunc);
}
#endif

#ifdef CX6DX_HAVE_RX_RING_COUNT
u32 cx6dx_rss_ring_count(struct net_device *netdev)
{
	struct cx6dx_priv *priv = netdev_priv(netdev);

	return priv->params.num_channels;
}
#else
int cx6dx_rss_get_rxnfc(struct net_device *netdev, struct ethtool_rxnfc *info,
			u32 *rules)
{
	struct cx6dx_priv *priv = netdev_priv(netdev);

	if (info->cmd != ETHTOOL_GRXRINGS)
		return -EOPNOTSUPP;
	info->data = priv->params.num_channels;
	return 0;
}
#endif
