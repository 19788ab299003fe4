/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * cx6dx_tls: how received packets spread over the channels; see cx6dx_rss.c
 *
 * All of it runs under RTNL.  What ethtool calls has the form that the
 * kernel's headers ask for.
 */
#ifndef CX6DX_RSS_H
#define CX6DX_RSS_H

#include <linux/ethtool.h>

struct cx6dx_priv;

/* Points the device's tables to the open channels, or to where it drops */
void cx6dx_rss_redirect(struct cx6dx_priv *priv, bool to_channels);

u32 cx6dx_rss_key_size(struct net_device *netdev);
u32 cx6dx_rss_indir_size(struct net_device *netdev);
#ifdef CX6DX_HAVE_RXFH_PARAM
int cx6dx_rss_get(struct net_device *netdev, struct ethtool_rxfh_param *rxfh);
int cx6dx_rss_set(struct net_device *netdev, struct ethtool_rxfh_param *rxfh,
		  struct netlink_ext_ack *extack);
#else
int cx6dx_rss_get(struct net_device *netdev, u32 *indir, u8 *key, u8 *hfunc);
int cx6dx_rss_set(struct net_device *netdev, const u32 *indir, const u8 *key,
		  const u8 hfunc);
#endif
#ifdef CX6DX_HAVE_RX_RING_COUNT
u32 cx6dx_rss_ring_count(struct net_device *netdev);
#else
int cx6dx_rss_get_rxnfc(struct net_device *netdev, struct ethtool_rxnfc *info,
			u32 *rules);
#endif

#endif /* CX6DX_RSS_H */
