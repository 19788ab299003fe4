// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * cx6dx_tls: TLS receive
 *
 * A context lives in a TIR that an exact rule leads one connection to.  The
 * device decrypts in place and says so in the completion.  When it has lost
 * the record boundaries it guesses one, flags the packet, and the handshake of
 * tls-offload.rst follows, in one of three manners (private flags of ethtool,
 * for connections that are made from then on):
 *
 *   asynchronous, with neither flag: the packet's window is given to the TLS
 *     layer at once, a GET_PSV work request reads the guess back, and the TLS
 *     layer answers when it knows the record's number;
 *   rx-resync-driver-req: the same without the window, only the guess itself
 *     is given;
 *   rx-resync-next-hint: the device's guess is not used.  The TLS layer hints
 *     at the next record after it had to decrypt in software, and the context
 *     starts over there.
 *
 * Life: the socket's driver slot and every work request in flight hold a
 * reference.  The socket is looked at only under the context's lock, and not
 * after tls_dev_del.
 */
#include <linux/ipv6.h>
#include <linux/tcp.h>
#include <net/ipv6.h>

#include "cx6dx.h"
#include "cx6dx_ktls.h"

#define SETUP_TIMEOUT	(5 * HZ)
#define MAX_TAG		CX6DX_FIELD_MAX(cqe, flow_tag)

/* in a driver's request a record is named by the last byte of its header */
#define REQ_OFFSET	(TLS_HEADER_SIZE - 1)

struct cx6dx_ktls_rx {
	struct kref ref;
	struct rcu_head rcu;
	spinlock_t lock;		/* sk and what follows it */
	struct sock *sk;		/* NULL once deleted */
	bool psv_busy;			/* a GET_PSV is in flight */
	bool psv_again;			/* and another one is wanted */
	struct list_head retry;		/* on an internal queue, its lock */
	u32 answer_seq;
	u64 answer_sn;

	struct cx6dx_priv *priv;
	struct cx6dx_ktls_crypto crypto;
	enum tls_offload_sync_type type;
	struct tls_offload_resync_async async;
	int queue;
	u32 tirn;
	u32 tag;
	u32 rule;
	u32 start_seq;
	struct cx6dx_dbrec psv;		/* where GET_PSV writes */
	struct completion setup;
	bool setup_ok;
	atomic_t in_flight;		/* work requests */
	wait_queue_head_t idle;
};

/* The kernel changed what the two calls take: a socket, or the request */
#define ASYNC_ARG(rx)							\
	_Generic(&tls_offload_rx_resync_async_request_end,		\
		 void (*)(struct sock *, __be32) : (rx)->sk,		\
		 void (*)(struct tls_offload_resync_async *, __be32) :	\
		 &(rx)->async)

static struct cx6dx_ktls_rx **rx_slot(struct tls_context *tls_ctx)
{
	BUILD_BUG_ON(sizeof(struct cx6dx_ktls_rx *) >
		     TLS_DRIVER_STATE_SIZE_RX);

	return __tls_driver_ctx(tls_ctx, TLS_OFFLOAD_CTX_DIR_RX);
}

static void rx_release(struct kref *ref)
{
	struct cx6dx_ktls_rx *rx = container_of(ref, struct cx6dx_ktls_rx,
						ref);

	cx6dx_dbrec_free(rx->priv->cdev, &rx->psv);
	memzero_explicit(&rx->crypto, sizeof(rx->crypto));
	kfree_rcu(rx, rcu);
}

static void rx_put(struct cx6dx_ktls_rx *rx)
{
	kref_put(&rx->ref, rx_release);
}

/* ---- work requests ---- */

/*
 * Locks an internal queue that is up and has room for @num_bbs, the one of the
 * context's own channel if possible.  NULL if there is none; @down tells
 * whether because none is up.
 */
static struct cx6dx_icosq *ico_lock(struct cx6dx_ktls_rx *rx, u16 num_bbs,
				    bool *down)
{
	struct cx6dx_priv *priv = rx->priv;
	int i;

	*down = true;
	for (i = 0; i < priv->max_channels; i++) {
		struct cx6dx_icosq *ico;

		ico = &priv->ico[(rx->queue + i) % priv->max_channels];
		spin_lock_bh(&ico->lock);
		if (ico->up) {
			*down = false;
			if (cx6dx_icosq_has_room(ico, num_bbs))
				return ico;
		}
		spin_unlock_bh(&ico->lock);
	}
	return NULL;
}

static u8 *post_static(struct cx6dx_icosq *ico, struct cx6dx_ktls_rx *rx,
		       u64 rec_sn, u32 resync_seq, u8 kind,
		       struct cx6dx_ktls_rx *owner)
{
	u16 bbs = DIV_ROUND_UP(CX6DX_WQE_STATIC_PARAMS_DS, 4);
	u8 *wqe = cx6dx_icosq_reserve(ico, bbs);

	cx6dx_ktls_fill_static(wqe, &rx->crypto, rec_sn, resync_seq);
	cx6dx_icosq_post(ico, wqe, CX6DX_WQE_UMR, CX6DX_WQE_STATIC_PARAMS_DS,
			 CX6DX_BITS(wqe_ctrl, tis_tir_num, rx->tirn), kind,
			 owner);
	return wqe;
}

/* A reference for a work request that is about to be posted */
static struct cx6dx_ktls_rx *rx_get_posted(struct cx6dx_ktls_rx *rx)
{
	kref_get(&rx->ref);
	atomic_inc(&rx->in_flight);
	return rx;
}

/* Static and progress parameters: the context starts at @seq, record @rec_sn */
static int post_start(struct cx6dx_ktls_rx *rx, u64 rec_sn, u32 seq, u8 kind)
{
	struct cx6dx_icosq *ico;
	bool down;
	u8 *wqe;

	ico = ico_lock(rx, DIV_ROUND_UP(CX6DX_WQE_STATIC_PARAMS_DS, 4) + 1,
		       &down);
	if (!ico)
		return down ? -ENETDOWN : -ENOSPC;
	post_static(ico, rx, rec_sn, 0, CX6DX_ICO_NONE, NULL);
	wqe = cx6dx_icosq_reserve(ico, 1);
	cx6dx_ktls_fill_progress(wqe, rx->tirn, seq);
	cx6dx_icosq_post(ico, wqe, CX6DX_WQE_SET_PSV,
			 CX6DX_WQE_PROGRESS_PARAMS_DS, 0, kind,
			 rx_get_posted(rx));
	cx6dx_icosq_ring(ico, wqe);
	if (kind == CX6DX_ICO_RESYNC)
		cx6dx_stat_inc(ico->stats, tls_resync_res_ok);
	spin_unlock_bh(&ico->lock);
	return 0;
}

/* Reads the context's progress back.  Under the context's lock. */
static bool post_get_psv(struct cx6dx_ktls_rx *rx)
{
	struct cx6dx_icosq *ico;
	bool down;
	u8 *wqe;
	u8 *get;

	ico = ico_lock(rx, 1, &down);
	if (!ico)
		return false;
	wqe = cx6dx_icosq_reserve(ico, 1);
	get = wqe + CX6DX_WQE_PSV_OFF;
	memset(get, 0, CX6DX_BYTES(wqe_get_psv));
	CX6DX_SET(wqe_get_psv, get, num_psv, 1);
	CX6DX_SET(wqe_get_psv, get, lkey, rx->priv->cdev->mkey);
	CX6DX_SET64(wqe_get_psv, get, va, rx->psv.dma);
	CX6DX_SET(wqe_get_psv, get, psv_index, rx->tirn);
	cx6dx_icosq_post(ico, wqe, CX6DX_WQE_GET_PSV, CX6DX_WQE_GET_PSV_DS, 0,
			 CX6DX_ICO_GET_PSV, rx_get_posted(rx));
	cx6dx_icosq_ring(ico, wqe);
	spin_unlock_bh(&ico->lock);
	return true;
}

/* ---- the answer of the TLS layer ---- */

/* Posts the answer noted in the context; the queue is locked and has room */
static void post_answer(struct cx6dx_icosq *ico, struct cx6dx_ktls_rx *rx)
{
	u8 *wqe = post_static(ico, rx, rx->answer_sn, rx->answer_seq,
			      CX6DX_ICO_RESYNC, rx_get_posted(rx));

	cx6dx_icosq_ring(ico, wqe);
	cx6dx_stat_inc(ico->stats, tls_resync_res_ok);
}

/* Notes an answer for later: NAPI of the queue's channel posts it */
static void keep_answer(struct cx6dx_ktls_rx *rx)
{
	struct cx6dx_priv *priv = rx->priv;
	struct cx6dx_icosq *ico = &priv->ico[rx->queue % priv->max_channels];

	spin_lock_bh(&ico->lock);
	if (list_empty(&rx->retry)) {
		list_add_tail(&rx->retry, &ico->retry);
		kref_get(&rx->ref);
	}
	cx6dx_stat_inc(ico->stats, tls_resync_res_retry);
	spin_unlock_bh(&ico->lock);
}

static void forget_answer(struct cx6dx_ktls_rx *rx)
{
	struct cx6dx_priv *priv = rx->priv;
	struct cx6dx_icosq *ico = &priv->ico[rx->queue % priv->max_channels];
	bool was_kept;

	spin_lock_bh(&ico->lock);
	was_kept = !list_empty(&rx->retry);
	list_del_init(&rx->retry);
	spin_unlock_bh(&ico->lock);
	if (was_kept)
		rx_put(rx);
}

/* Answers that found the queue full.  NAPI. */
void cx6dx_ktls_rx_retry(struct cx6dx_channel *ch)
{
	u16 bbs = DIV_ROUND_UP(CX6DX_WQE_STATIC_PARAMS_DS, 4);
	struct cx6dx_icosq *ico = ch->ico;
	struct cx6dx_ktls_rx *rx;

	spin_lock(&ico->lock);
	while (ico->up && cx6dx_icosq_has_room(ico, bbs)) {
		rx = list_first_entry_or_null(&ico->retry,
					      struct cx6dx_ktls_rx, retry);
		if (!rx)
			break;
		list_del_init(&rx->retry);
		post_answer(ico, rx);
		rx_put(rx);
	}
	spin_unlock(&ico->lock);
}

/* tls_dev_resync: record @rec_sn starts at @tcp_sn.  Any context. */
int cx6dx_ktls_rx_resync(struct cx6dx_priv *priv, struct sock *sk, u32 tcp_sn,
			 u64 rec_sn)
{
	u16 bbs = DIV_ROUND_UP(CX6DX_WQE_STATIC_PARAMS_DS, 4);
	struct cx6dx_ktls_rx *rx = *rx_slot(tls_get_ctx(sk));
	struct cx6dx_icosq *ico;
	bool down;
	int err;

	if (rx->type == TLS_OFFLOAD_SYNC_TYPE_CORE_NEXT_HINT) {
		err = post_start(rx, rec_sn, tcp_sn, CX6DX_ICO_RESYNC);
		if (err)
			goto skip;
		return 0;
	}
	if (rx->type == TLS_OFFLOAD_SYNC_TYPE_DRIVER_REQ)
		tcp_sn -= REQ_OFFSET;
	rx->answer_seq = tcp_sn;
	rx->answer_sn = rec_sn;
	ico = ico_lock(rx, bbs, &down);
	if (ico) {
		post_answer(ico, rx);
		spin_unlock_bh(&ico->lock);
		return 0;
	}
	if (!down) {
		keep_answer(rx);
		return 0;
	}
	err = -ENETDOWN;
skip:
	cx6dx_stat_inc(&priv->stats[rx->queue].rq, tls_resync_res_skip);
	return err;
}

/* ---- the device's request ---- */

/* GET_PSV has been answered; counts in @stats.  NAPI or close. */
static void psv_read(struct cx6dx_ktls_rx *rx, struct cx6dx_rq_stats *stats,
		     bool ok)
{
	const u8 *params = CX6DX_AREA(psv_dump, rx->psv.va, params);
	u32 tracker, auth, seq;
	bool again;

	spin_lock_bh(&rx->lock);
	again = rx->psv_again;
	rx->psv_busy = false;
	rx->psv_again = false;
	if (!rx->sk)
		goto out;
	if (again && ok) {
		/* the device has asked again meanwhile: this is out of date */
		rx->psv_busy = post_get_psv(rx);
		if (rx->psv_busy)
			goto out;
		ok = false;
	}
	tracker = CX6DX_GET(tls_progress_params, params, record_tracker_state);
	auth = CX6DX_GET(tls_progress_params, params, auth_state);
	seq = CX6DX_GET(tls_progress_params, params, hw_resync_tcp_sn);
	if (!ok || tracker != CX6DX_PSV_TRACKER_TRACKING ||
	    auth != CX6DX_PSV_AUTH_NO_OFFLOAD) {
		cx6dx_stat_inc(stats, tls_resync_req_skip);
		if (rx->type == TLS_OFFLOAD_SYNC_TYPE_DRIVER_REQ_ASYNC)
			atomic64_set(&rx->async.req, 0);
		goto out;
	}
	if (rx->type == TLS_OFFLOAD_SYNC_TYPE_DRIVER_REQ_ASYNC)
		tls_offload_rx_resync_async_request_end(ASYNC_ARG(rx),
							cpu_to_be32(seq));
	else
		tls_offload_rx_resync_request(rx->sk,
					      cpu_to_be32(seq + REQ_OFFSET));
	cx6dx_stat_inc(stats, tls_resync_req_end);
out:
	spin_unlock_bh(&rx->lock);
}

/* A posted work request has come back, or its queue was closed */
void cx6dx_ktls_rx_done(struct cx6dx_channel *ch, struct cx6dx_ktls_rx *rx,
			u8 kind, bool ok)
{
	switch (kind) {
	case CX6DX_ICO_SETUP:
		rx->setup_ok = ok;
		complete(&rx->setup);
		break;
	case CX6DX_ICO_GET_PSV:
		psv_read(rx, ch->rq.stats, ok);
		break;
	}
	if (atomic_dec_and_test(&rx->in_flight))
		wake_up(&rx->idle);
	rx_put(rx);
}

static void resync_request(struct cx6dx_channel *ch, struct cx6dx_ktls_rx *rx,
			   __be32 seq, u16 len)
{
	struct cx6dx_rq_stats *stats = ch->rq.stats;

	spin_lock(&rx->lock);
	if (!rx->sk || rx->type == TLS_OFFLOAD_SYNC_TYPE_CORE_NEXT_HINT)
		goto out;
	cx6dx_stat_inc(stats, tls_resync_req_start);
	if (rx->type == TLS_OFFLOAD_SYNC_TYPE_DRIVER_REQ_ASYNC)
		tls_offload_rx_resync_async_request_start(ASYNC_ARG(rx), seq,
							  len);
	if (rx->psv_busy)
		rx->psv_again = true;
	else if (post_get_psv(rx))
		rx->psv_busy = true;
	else
		cx6dx_stat_inc(stats, tls_resync_req_skip);
out:
	spin_unlock(&rx->lock);
}

/* ---- packets ---- */

/* The TCP header of @skb, whose data start at the IP header, or NULL */
static const struct tcphdr *tcp_of(const struct sk_buff *skb, u32 *payload)
{
	const struct tcphdr *th;
	u32 offset, total;

	if (skb->protocol == htons(ETH_P_IP)) {
		const struct iphdr *iph = (void *)skb->data;

		if (skb_headlen(skb) < sizeof(*iph) ||
		    iph->protocol != IPPROTO_TCP)
			return NULL;
		offset = iph->ihl * 4;
		total = ntohs(iph->tot_len);
	} else if (skb->protocol == htons(ETH_P_IPV6)) {
		const struct ipv6hdr *ip6h = (void *)skb->data;

		if (skb_headlen(skb) < sizeof(*ip6h) ||
		    ip6h->nexthdr != IPPROTO_TCP)
			return NULL;
		offset = sizeof(*ip6h);
		total = offset + ntohs(ip6h->payload_len);
	} else {
		return NULL;
	}
	if (skb_headlen(skb) < offset + sizeof(*th))
		return NULL;
	th = (void *)(skb->data + offset);
	offset += th->doff * 4;
	if (total > skb->len || offset > total)
		return NULL;
	*payload = total - offset;
	return th;
}

static void request_for(struct cx6dx_channel *ch, const struct sk_buff *skb,
			u32 tag)
{
	const struct tcphdr *th;
	struct cx6dx_ktls_rx *rx;
	u32 payload;

	th = tcp_of(skb, &payload);
	if (!th)
		return;
	rcu_read_lock();
	rx = xa_load(&ch->priv->ktls->rx, tag);
	if (rx && kref_get_unless_zero(&rx->ref)) {
		resync_request(ch, rx, th->seq, payload);
		rx_put(rx);
	}
	rcu_read_unlock();
}

/* A frame whose completion says something about TLS.  NAPI. */
void cx6dx_ktls_rx_skb(struct cx6dx_channel *ch, struct sk_buff *skb,
		       const u8 *cqe, unsigned int tls)
{
	u32 packets = skb_shinfo(skb)->gso_segs ?: 1;
	struct cx6dx_rq_stats *stats = ch->rq.stats;
	u32 payload = 0;

	switch (tls) {
	case CX6DX_CQE_TLS_DECRYPTED:
		skb->decrypted = 1;
		tcp_of(skb, &payload);
		u64_stats_update_begin(&stats->syncp);
		u64_stats_add(&stats->tls_decrypted_packets, packets);
		u64_stats_add(&stats->tls_decrypted_bytes, payload);
		u64_stats_update_end(&stats->syncp);
		break;
	case CX6DX_CQE_TLS_RESYNC:
		cx6dx_stat_inc(stats, tls_resync_req_pkt);
		if (ch->priv->ktls)
			request_for(ch, skb, CX6DX_GET(cqe, cqe, flow_tag));
		break;
	case CX6DX_CQE_TLS_ERROR:
		cx6dx_stat_inc(stats, tls_err);
		break;
	}
}

/* ---- packets that the device merges ---- */

/* Connections that are there, and those to come.  Holds rtnl. */
void cx6dx_ktls_rx_set_gro(struct cx6dx_priv *priv, u32 gro_bytes)
{
	struct cx6dx_ktls_rx *rx;
	unsigned long tag;

	if (!priv->ktls)
		return;
	mutex_lock(&priv->ktls->gro_lock);
	priv->ktls->gro_bytes = gro_bytes;
	xa_for_each(&priv->ktls->rx, tag, rx)
		cx6dx_tir_set_gro(priv->cdev, rx->tirn, gro_bytes);
	mutex_unlock(&priv->ktls->gro_lock);
}

/* Gives a context its tag; @gro_bytes is what its TIR was made with */
static int rx_enter(struct cx6dx_ktls_rx *rx, u32 gro_bytes)
{
	struct cx6dx_ktls *ktls = rx->priv->ktls;
	int err;

	mutex_lock(&ktls->gro_lock);
	err = xa_alloc(&ktls->rx, &rx->tag, rx, XA_LIMIT(1, MAX_TAG),
		       GFP_KERNEL);
	if (!err && gro_bytes != ktls->gro_bytes)
		cx6dx_tir_set_gro(rx->priv->cdev, rx->tirn, ktls->gro_bytes);
	mutex_unlock(&ktls->gro_lock);
	return err;
}

/* Nobody finds the context by its tag any more, nor changes its TIR */
static void rx_leave(struct cx6dx_ktls_rx *rx)
{
	struct cx6dx_ktls *ktls = rx->priv->ktls;

	mutex_lock(&ktls->gro_lock);
	xa_erase(&ktls->rx, rx->tag);
	mutex_unlock(&ktls->gro_lock);
}

/* ---- connections ---- */

/* What the peer's packets look like, or an errno */
static int fill_tuple(const struct sock *sk, struct cx6dx_fs_tuple *t)
{
	const struct inet_sock *inet = inet_sk(sk);

	memset(t, 0, sizeof(*t));
	t->sport = inet->inet_dport;
	t->dport = inet->inet_sport;
	switch (sk->sk_family) {
	case AF_INET:
		break;
#if IS_ENABLED(CONFIG_IPV6)
	case AF_INET6:
		if (ipv6_addr_v4mapped(&sk->sk_v6_daddr))
			break;
		t->ipv6 = true;
		t->saddr.v6 = sk->sk_v6_daddr;
		t->daddr.v6 = inet6_sk(sk)->saddr;
		return 0;
#endif
	default:
		return -EOPNOTSUPP;
	}
	t->saddr.v4 = inet->inet_daddr;
	t->daddr.v4 = inet->inet_saddr;
	return 0;
}

static enum tls_offload_sync_type resync_type(const struct cx6dx_priv *priv)
{
	u32 flags = READ_ONCE(priv->priv_flags);

	if (flags & CX6DX_PFLAG_RX_RESYNC_DRIVER_REQ)
		return TLS_OFFLOAD_SYNC_TYPE_DRIVER_REQ;
	if (flags & CX6DX_PFLAG_RX_RESYNC_NEXT_HINT)
		return TLS_OFFLOAD_SYNC_TYPE_CORE_NEXT_HINT;
	return TLS_OFFLOAD_SYNC_TYPE_DRIVER_REQ_ASYNC;
}

static struct cx6dx_ktls_rx *rx_alloc(struct cx6dx_priv *priv, struct sock *sk,
				      const struct cx6dx_ktls_crypto *crypto)
{
	struct cx6dx_ktls_rx *rx = kzalloc(sizeof(*rx), GFP_KERNEL);
	int queue = sk_rx_queue_get(sk);

	if (!rx)
		return NULL;
	rx->priv = priv;
	if (cx6dx_dbrec_alloc(priv->cdev, &rx->psv)) {
		kfree(rx);
		return NULL;
	}
	kref_init(&rx->ref);
	spin_lock_init(&rx->lock);
	init_completion(&rx->setup);
	init_waitqueue_head(&rx->idle);
	INIT_LIST_HEAD(&rx->retry);
	rx->sk = sk;
	rx->crypto = *crypto;
	rx->queue = queue >= 0 && queue < priv->max_channels ? queue : 0;
	rx->type = resync_type(priv);
	return rx;
}

/* Lets the device take the context in, and waits until it has */
static int start_context(struct cx6dx_ktls_rx *rx, u32 tcp_sn)
{
	int err = post_start(rx, rx->crypto.rec_sn, tcp_sn, CX6DX_ICO_SETUP);

	if (err)
		return err;
	if (!wait_for_completion_timeout(&rx->setup, SETUP_TIMEOUT))
		return -ETIMEDOUT;
	return rx->setup_ok ? 0 : -EIO;
}

/* Tells the TLS layer how this connection resynchronises */
static void choose_resync(struct sock *sk, struct cx6dx_ktls_rx *rx)
{
	if (rx->type == TLS_OFFLOAD_SYNC_TYPE_DRIVER_REQ_ASYNC)
		tls_offload_ctx_rx(tls_get_ctx(sk))->resync_async = &rx->async;
	tls_offload_rx_resync_set_type(sk, rx->type);
}

/* No work request of the context is in flight any more, or queues are dead */
static void wait_idle(struct cx6dx_ktls_rx *rx)
{
	if (!wait_event_timeout(rx->idle, !atomic_read(&rx->in_flight),
				SETUP_TIMEOUT))
		netdev_warn(rx->priv->netdev,
			    "TIR 0x%x still has work requests in flight\n",
			    rx->tirn);
}

int cx6dx_ktls_rx_add(struct cx6dx_priv *priv, struct sock *sk,
		      const struct cx6dx_ktls_crypto *crypto, u32 tcp_sn)
{
	u32 gro_bytes = READ_ONCE(priv->ktls->gro_bytes);
	struct cx6dx_dev *cdev = priv->cdev;
	struct cx6dx_fs_tuple tuple;
	struct cx6dx_ktls_rx *rx;
	int err;

	err = fill_tuple(sk, &tuple);
	if (err)
		return err;
	rx = rx_alloc(priv, sk, crypto);
	if (!rx)
		return -ENOMEM;
	err = cx6dx_tir_create(cdev, priv->rqt_direct[rx->queue], 0, NULL,
			       true, gro_bytes, &rx->tirn);
	if (err)
		goto err_rx;
	err = start_context(rx, tcp_sn);
	if (err)
		goto err_tir;
	err = rx_enter(rx, gro_bytes);
	if (err)
		goto err_tir;
	*rx_slot(tls_get_ctx(sk)) = rx;
	choose_resync(sk, rx);
	err = cx6dx_fs_tls_add(priv, &tuple, rx->tirn, rx->tag, &rx->rule);
	if (err)
		goto err_tag;
	atomic64_inc(&priv->tls_stats.rx_ctx);
	return 0;

err_tag:
	rx_leave(rx);
err_tir:
	spin_lock_bh(&rx->lock);
	rx->sk = NULL;
	spin_unlock_bh(&rx->lock);
	wait_idle(rx);
	cx6dx_cmd_simple(cdev, CX6DX_CMD_DESTROY_TIR, rx->tirn);
err_rx:
	rx_put(rx);
	return err;
}

void cx6dx_ktls_rx_del(struct cx6dx_priv *priv, struct tls_context *tls_ctx)
{
	struct cx6dx_ktls_rx *rx = *rx_slot(tls_ctx);
	struct cx6dx_dev *cdev = priv->cdev;

	/* no packet reaches the context, none of its requests the socket */
	cx6dx_fs_tls_del(priv, rx->rule);
	rx_leave(rx);
	spin_lock_bh(&rx->lock);
	rx->sk = NULL;
	spin_unlock_bh(&rx->lock);
	forget_answer(rx);
	wait_idle(rx);

	cx6dx_cmd_simple(cdev, CX6DX_CMD_DESTROY_TIR, rx->tirn);
	cx6dx_dek_destroy(cdev, rx->crypto.dek);
	rx_put(rx);
	atomic64_inc(&priv->tls_stats.rx_del);
}
