/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * cx6dx_tls: what the TLS rooms offer to the data path, and what stands in
 * their place on a kernel without CONFIG_TLS_DEVICE
 */
#ifndef CX6DX_KTLS_H
#define CX6DX_KTLS_H

#include "cx6dx.h"

#if IS_ENABLED(CONFIG_TLS_DEVICE)
#include <net/tls.h>

/* The socket's transmit side is offloaded: TLS payload arrives in clear */
static inline bool cx6dx_ktls_offloaded(const struct sk_buff *skb)
{
	struct sock *sk = skb->sk;

	if (!sk || !sk_fullsock(sk))
		return false;
	/* pairs with the release in the TLS layer, after the context is set */
	return smp_load_acquire(&sk->sk_validate_xmit_skb) ==
	       &tls_validate_xmit_skb;
}

/* Key material of a connection, apart from the key itself */
struct cx6dx_ktls_crypto {
	u8 salt[TLS_CIPHER_AES_GCM_128_SALT_SIZE];
	u64 rec_sn;
	u32 dek;
};

struct cx6dx_ktls_tx;

struct cx6dx_ktls {
	struct cx6dx_priv *priv;
	spinlock_t lock;		/* pool */
	struct list_head pool;		/* unused transmit contexts */
	unsigned int pool_count;
	struct work_struct refill_work;
	struct xarray rx;		/* receive contexts by flow tag */
	struct mutex gro_lock;		/* gro_bytes, and that all have it */
	u32 gro_bytes;			/* longest merged packet, or 0 */
};

int cx6dx_ktls_init(struct cx6dx_priv *priv);
void cx6dx_ktls_cleanup(struct cx6dx_priv *priv);
void cx6dx_ktls_fill_static(u8 *wqe, const struct cx6dx_ktls_crypto *crypto,
			    u64 rec_sn, u32 resync_tcp_sn);
void cx6dx_ktls_fill_progress(u8 *wqe, u32 number, u32 next_record_tcp_sn);

/* add and delete, for tlsdev_ops */
int cx6dx_ktls_tx_add(struct cx6dx_priv *priv, struct sock *sk,
		      const struct cx6dx_ktls_crypto *crypto, u32 tcp_sn);
void cx6dx_ktls_tx_del(struct cx6dx_priv *priv, struct tls_context *tls_ctx);
int cx6dx_ktls_rx_add(struct cx6dx_priv *priv, struct sock *sk,
		      const struct cx6dx_ktls_crypto *crypto, u32 tcp_sn);
void cx6dx_ktls_rx_del(struct cx6dx_priv *priv, struct tls_context *tls_ctx);
int cx6dx_ktls_rx_resync(struct cx6dx_priv *priv, struct sock *sk, u32 tcp_sn,
			 u64 rec_sn);
void cx6dx_ktls_tx_pool_init(struct cx6dx_priv *priv);
void cx6dx_ktls_tx_pool_cleanup(struct cx6dx_priv *priv);

/* transmit */
struct sk_buff *cx6dx_ktls_tx_skb(struct cx6dx_priv *priv,
				  struct cx6dx_sq *sq, struct sk_buff *skb,
				  u32 *tisn);
void cx6dx_ktls_tx_lost(const struct sk_buff *skb);
int cx6dx_ktls_tx_queue(struct sk_buff *skb, struct net_device *netdev);
u16 cx6dx_ktls_tx_room(u32 dump_bytes);

/* receive */
void cx6dx_ktls_rx_done(struct cx6dx_channel *ch, struct cx6dx_ktls_rx *rx,
			u8 kind, bool ok);
int cx6dx_icosq_open(struct cx6dx_channel *ch);
void cx6dx_icosq_stop(struct cx6dx_channel *ch);
void cx6dx_icosq_close(struct cx6dx_channel *ch);
void cx6dx_icosq_complete(struct cx6dx_channel *ch, u16 wqe_counter, bool ok);
bool cx6dx_icosq_has_room(const struct cx6dx_icosq *ico, u16 num_bbs);
u8 *cx6dx_icosq_reserve(struct cx6dx_icosq *ico, u16 num_bbs);
void cx6dx_icosq_post(struct cx6dx_icosq *ico, u8 *wqe, u8 opcode, u8 ds,
		      u32 general_id, u8 kind, struct cx6dx_ktls_rx *rx);
void cx6dx_icosq_ring(struct cx6dx_icosq *ico, u8 *wqe);
void cx6dx_ktls_rx_retry(struct cx6dx_channel *ch);
void cx6dx_ktls_rx_skb(struct cx6dx_channel *ch, struct sk_buff *skb,
		       const u8 *cqe, unsigned int tls);
void cx6dx_ktls_rx_set_gro(struct cx6dx_priv *priv, u32 gro_bytes);
#else
static inline bool cx6dx_ktls_offloaded(const struct sk_buff *skb)
{
	return false;
}

static inline int cx6dx_ktls_init(struct cx6dx_priv *priv)
{
	return 0;
}

static inline void cx6dx_ktls_cleanup(struct cx6dx_priv *priv)
{
}

static inline struct sk_buff *cx6dx_ktls_tx_skb(struct cx6dx_priv *priv,
						struct cx6dx_sq *sq,
						struct sk_buff *skb, u32 *tisn)
{
	return skb;
}

static inline void cx6dx_ktls_tx_lost(const struct sk_buff *skb)
{
}

static inline int cx6dx_ktls_tx_queue(struct sk_buff *skb,
				      struct net_device *netdev)
{
	return -1;
}

static inline u16 cx6dx_ktls_tx_room(u32 dump_bytes)
{
	return 0;
}

static inline int cx6dx_icosq_open(struct cx6dx_channel *ch)
{
	return 0;
}

static inline void cx6dx_icosq_stop(struct cx6dx_channel *ch)
{
}

static inline void cx6dx_icosq_close(struct cx6dx_channel *ch)
{
}

static inline void cx6dx_icosq_complete(struct cx6dx_channel *ch,
					u16 wqe_counter, bool ok)
{
}

static inline void cx6dx_ktls_rx_retry(struct cx6dx_channel *ch)
{
}

static inline void cx6dx_ktls_rx_skb(struct cx6dx_channel *ch,
				     struct sk_buff *skb, const u8 *cqe,
				     unsigned int tls)
{
}

static inline void cx6dx_ktls_rx_set_gro(struct cx6dx_priv *priv,
					 u32 gro_bytes)
{
}
#endif

#endif /* CX6DX_KTLS_H */
