// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * cx6dx_tls: TLS transmit
 *
 * A context lives in a TIS.  While packets come in order the device encrypts
 * them as they pass.  When one does not (a retransmission, or queues that were
 * opened anew) the record it belongs to is found in the TLS layer, the context
 * is set to the start of that record, and DUMP WQEs feed it the bytes in front
 * of the packet, which is then in order again.  What cannot be encrypted is
 * dropped and counted, never sent.
 *
 * A stream stays on one queue, so its state is guarded by that queue's xmit
 * lock.  TISes are recycled: making one costs a command.
 */
#include <linux/tcp.h>

#include "cx6dx.h"
#include "cx6dx_ktls.h"

#define POOL_BULK	16
#define POOL_MAX	4096
#define SMALL_FENCE	1

struct cx6dx_ktls_tx {
	struct list_head list;	/* in the pool */
	u32 tisn;
	struct cx6dx_ktls_crypto crypto;
	struct tls_offload_context_tx *tls;
	u64 static_sn;		/* record number in the static parameters */
	u32 expected_seq;
	u32 epoch;		/* of the queues that hold the stream */
	int queue;		/* -1 before the first packet */
	bool fresh;		/* no parameters posted yet */
};

static struct cx6dx_ktls_tx **tx_slot(struct tls_context *tls_ctx)
{
	BUILD_BUG_ON(sizeof(struct cx6dx_ktls_tx *) >
		     TLS_DRIVER_STATE_SIZE_TX);

	return __tls_driver_ctx(tls_ctx, TLS_OFFLOAD_CTX_DIR_TX);
}

static struct cx6dx_ktls_tx *tx_of(const struct sk_buff *skb)
{
	return *tx_slot(tls_get_ctx(skb->sk));
}

/* ---- pool of TISes ---- */

static struct cx6dx_ktls_tx *tx_create(struct cx6dx_priv *priv)
{
	struct cx6dx_ktls_tx *tx = kzalloc(sizeof(*tx), GFP_KERNEL);

	if (!tx)
		return NULL;
	if (cx6dx_tis_create(priv->cdev, true, &tx->tisn)) {
		kfree(tx);
		return NULL;
	}
	atomic64_inc(&priv->tls_stats.tx_pool_alloc);
	return tx;
}

static void tx_destroy(struct cx6dx_priv *priv, struct cx6dx_ktls_tx *tx)
{
	cx6dx_cmd_simple(priv->cdev, CX6DX_CMD_DESTROY_TIS, tx->tisn);
	atomic64_inc(&priv->tls_stats.tx_pool_free);
	kfree(tx);
}

static struct cx6dx_ktls_tx *pool_get(struct cx6dx_priv *priv)
{
	struct cx6dx_ktls *ktls = priv->ktls;
	struct cx6dx_ktls_tx *tx;

	spin_lock(&ktls->lock);
	tx = list_first_entry_or_null(&ktls->pool, struct cx6dx_ktls_tx, list);
	if (tx) {
		list_del(&tx->list);
		ktls->pool_count--;
	}
	if (!ktls->pool_count)
		schedule_work(&ktls->refill_work);
	spin_unlock(&ktls->lock);
	return tx ?: tx_create(priv);
}

static void pool_put(struct cx6dx_priv *priv, struct cx6dx_ktls_tx *tx)
{
	struct cx6dx_ktls *ktls = priv->ktls;
	bool full;

	spin_lock(&ktls->lock);
	full = ktls->pool_count >= POOL_MAX;
	if (!full) {
		list_add(&tx->list, &ktls->pool);
		ktls->pool_count++;
	}
	spin_unlock(&ktls->lock);
	if (full)
		tx_destroy(priv, tx);
}

static void refill_work(struct work_struct *work)
{
	struct cx6dx_ktls *ktls = container_of(work, struct cx6dx_ktls,
					       refill_work);
	struct cx6dx_ktls_tx *tx;
	int i;

	for (i = 0; i < POOL_BULK; i++) {
		tx = tx_create(ktls->priv);
		if (!tx)
			break;
		pool_put(ktls->priv, tx);
	}
}

void cx6dx_ktls_tx_pool_init(struct cx6dx_priv *priv)
{
	struct cx6dx_ktls *ktls = priv->ktls;

	ktls->priv = priv;
	spin_lock_init(&ktls->lock);
	INIT_LIST_HEAD(&ktls->pool);
	INIT_WORK(&ktls->refill_work, refill_work);
}

void cx6dx_ktls_tx_pool_cleanup(struct cx6dx_priv *priv)
{
	struct cx6dx_ktls_tx *tx, *next;

	cancel_work_sync(&priv->ktls->refill_work);
	list_for_each_entry_safe(tx, next, &priv->ktls->pool, list)
		tx_destroy(priv, tx);
}

/* ---- connections ---- */

int cx6dx_ktls_tx_add(struct cx6dx_priv *priv, struct sock *sk,
		      const struct cx6dx_ktls_crypto *crypto, u32 tcp_sn)
{
	struct tls_context *tls_ctx = tls_get_ctx(sk);
	struct cx6dx_ktls_tx *tx = pool_get(priv);

	if (!tx)
		return -ENOMEM;
	tx->crypto = *crypto;
	tx->tls = tls_offload_ctx_tx(tls_ctx);
	tx->expected_seq = tcp_sn;
	tx->queue = -1;
	tx->fresh = true;
	*tx_slot(tls_ctx) = tx;
	atomic64_inc(&priv->tls_stats.tx_ctx);
	return 0;
}

/* No packet of the connection is left in any queue */
void cx6dx_ktls_tx_del(struct cx6dx_priv *priv, struct tls_context *tls_ctx)
{
	struct cx6dx_ktls_tx *tx = *tx_slot(tls_ctx);

	cx6dx_dek_destroy(priv->cdev, tx->crypto.dek);
	memzero_explicit(&tx->crypto, sizeof(tx->crypto));
	tx->tls = NULL;
	pool_put(priv, tx);
	atomic64_inc(&priv->tls_stats.tx_del);
}

/* ---- work requests ---- */

static void post_static(struct cx6dx_sq *sq, struct cx6dx_ktls_tx *tx,
			u64 rec_sn, u8 fence)
{
	u8 *wqe = cx6dx_sq_reserve(sq,
				   DIV_ROUND_UP(CX6DX_WQE_STATIC_PARAMS_DS, 4));

	cx6dx_ktls_fill_static(wqe, &tx->crypto, rec_sn, 0);
	cx6dx_sq_slot(sq)->kind = CX6DX_TX_NONE;
	cx6dx_sq_post(sq, wqe, CX6DX_OPMOD_TIS, CX6DX_WQE_UMR,
		      CX6DX_WQE_STATIC_PARAMS_DS, fence,
		      CX6DX_BITS(wqe_ctrl, tis_tir_num, tx->tisn));
}

static void post_progress(struct cx6dx_sq *sq, struct cx6dx_ktls_tx *tx)
{
	u8 *wqe = cx6dx_sq_reserve(sq, 1);

	/* the device learns the sequence number from the next packet */
	cx6dx_ktls_fill_progress(wqe, tx->tisn, 0);
	cx6dx_sq_slot(sq)->kind = CX6DX_TX_NONE;
	cx6dx_sq_post(sq, wqe, CX6DX_OPMOD_TIS, CX6DX_WQE_SET_PSV,
		      CX6DX_WQE_PROGRESS_PARAMS_DS, SMALL_FENCE, 0);
}

/* Sets the context to the start of record @rec_sn */
static void post_params(struct cx6dx_sq *sq, struct cx6dx_ktls_tx *tx,
			u64 rec_sn)
{
	if (tx->fresh || tx->static_sn != rec_sn)
		post_static(sq, tx, rec_sn, tx->fresh ? 0 : SMALL_FENCE);
	post_progress(sq, tx);
	cx6dx_sq_post_nop(sq, SMALL_FENCE);
	tx->static_sn = rec_sn;
	tx->fresh = false;
}

static int post_dump(struct cx6dx_sq *sq, struct cx6dx_ktls_tx *tx,
		     const skb_frag_t *frag, u32 offset, u32 len)
{
	struct page *page = skb_frag_page(frag);
	struct cx6dx_tx_wqe *wi;
	dma_addr_t dma;
	u8 *wqe;

	dma = skb_frag_dma_map(sq->dev, frag, offset, len, DMA_TO_DEVICE);
	if (unlikely(dma_mapping_error(sq->dev, dma)))
		return -ENOMEM;
	get_page(page);
	wqe = cx6dx_sq_reserve(sq, 1);
	cx6dx_put_data_seg(wqe + CX6DX_BYTES(wqe_ctrl), len, sq->lkey, dma);
	wi = cx6dx_sq_slot(sq);
	wi->kind = CX6DX_TX_DUMP;
	wi->page = page;
	wi->bytes = len;
	wi->first_seg = 1;
	wi->num_segs = 1;
	cx6dx_sq_post(sq, wqe, 0, CX6DX_WQE_DUMP, 2, 0,
		      CX6DX_BITS(wqe_ctrl, tis_tir_num, tx->tisn));
	return 0;
}

/* ---- resynchronisation ---- */

/* The start of a record up to a packet in it */
struct sync_info {
	u64 rec_sn;
	int nr_frags;
	skb_frag_t frags[MAX_SKB_FRAGS];	/* pages held */
};

enum sync_verdict {
	SYNC_OK,
	SYNC_BEFORE_START,	/* sent before the offload began */
	SYNC_MIXED,		/* only a part of it */
	SYNC_NO_DATA,		/* record not known (any more) */
};

static enum sync_verdict sync_lookup(struct cx6dx_ktls_tx *tx, u32 seq,
				     u32 len, struct sync_info *info)
{
	struct tls_record_info *record;
	enum sync_verdict verdict;
	unsigned long flags;
	s32 remaining;
	int i;

	spin_lock_irqsave(&tx->tls->lock, flags);
	record = tls_get_record(tx->tls, seq, &info->rec_sn);
	if (unlikely(!record)) {
		verdict = SYNC_NO_DATA;
		goto out;
	}
	if (unlikely(tls_record_is_start_marker(record))) {
		verdict = before(seq + len - 1, tls_record_start_seq(record)) ?
			  SYNC_BEFORE_START : SYNC_MIXED;
		goto out;
	}
	remaining = seq - tls_record_start_seq(record);
	if (unlikely(remaining < 0)) {
		/* starts in a record that has been acknowledged */
		verdict = SYNC_NO_DATA;
		goto out;
	}
	for (i = 0; remaining > 0 && i < record->num_frags; i++) {
		info->frags[i] = record->frags[i];
		if (skb_frag_size(&info->frags[i]) > remaining)
			skb_frag_size_set(&info->frags[i], remaining);
		get_page(skb_frag_page(&info->frags[i]));
		remaining -= skb_frag_size(&info->frags[i]);
	}
	info->nr_frags = i;
	/* the record's pages end before its tag: the device makes that */
	verdict = SYNC_OK;
	if (unlikely(remaining > 0)) {
		while (i--)
			put_page(skb_frag_page(&info->frags[i]));
		verdict = SYNC_NO_DATA;
	}
out:
	spin_unlock_irqrestore(&tx->tls->lock, flags);
	return verdict;
}

/* Feeds the context what lies in front of the packet; drops the references */
static int dump_frags(struct cx6dx_sq *sq, struct cx6dx_ktls_tx *tx,
		      struct sync_info *info)
{
	int i, err = 0;

	for (i = 0; i < info->nr_frags; i++) {
		const skb_frag_t *frag = &info->frags[i];
		u32 size = skb_frag_size(frag);
		u32 offset = 0;

		while (!err && offset < size) {
			u32 n = min(size - offset, sq->dump_bytes);

			err = post_dump(sq, tx, frag, offset, n);
			offset += n;
		}
		put_page(skb_frag_page(frag));
	}
	return err;
}

static enum sync_verdict resync(struct cx6dx_sq *sq, struct cx6dx_ktls_tx *tx,
				u32 seq, u32 len)
{
	enum sync_verdict verdict;
	struct sync_info info;

	cx6dx_stat_inc(sq->stats, tls_ooo);
	verdict = sync_lookup(tx, seq, len, &info);
	if (verdict != SYNC_OK)
		return verdict;
	post_params(sq, tx, info.rec_sn);
	return dump_frags(sq, tx, &info) ? SYNC_NO_DATA : SYNC_OK;
}

/* ---- packets ---- */

/* The context has to be set up anew before the next packet */
static void lose(struct cx6dx_priv *priv, struct cx6dx_ktls_tx *tx)
{
	tx->epoch = priv->epoch - 1;
}

/* The packet that cx6dx_ktls_tx_skb() let pass was not posted after all */
void cx6dx_ktls_tx_lost(const struct sk_buff *skb)
{
	lose(netdev_priv(skb->dev), tx_of(skb));
}

/* Brings the context to the packet; false if that cannot be done */
static enum sync_verdict follow(struct cx6dx_priv *priv, struct cx6dx_sq *sq,
				struct cx6dx_ktls_tx *tx, u32 seq, u32 len)
{
	bool lost = !tx->fresh && tx->epoch != priv->epoch;
	enum sync_verdict verdict;

	if (tx->fresh)
		post_params(sq, tx, tx->crypto.rec_sn);
	tx->epoch = priv->epoch;
	/* a queue that was closed may have dropped what set the record number */
	if (unlikely(lost))
		tx->static_sn = U64_MAX;
	if (likely(!lost && tx->expected_seq == seq))
		return SYNC_OK;
	verdict = resync(sq, tx, seq, len);
	/* a packet that bypasses the context leaves it where it was */
	if (verdict != SYNC_OK && (lost || verdict == SYNC_NO_DATA))
		lose(priv, tx);
	return verdict;
}

/*
 * A packet of a connection whose transmit side is offloaded.  Returns the
 * packet to send, with the TIS to send it through in @tisn or 0 if it needs
 * no encryption, or NULL if it was dropped.  Under the queue's xmit lock.
 */
struct sk_buff *cx6dx_ktls_tx_skb(struct cx6dx_priv *priv,
				  struct cx6dx_sq *sq, struct sk_buff *skb,
				  u32 *tisn)
{
	u32 len = skb->len - skb_tcp_all_headers(skb);
	struct cx6dx_ktls_tx *tx = tx_of(skb);
	u32 seq;

	if (!len)
		return skb;
	seq = ntohl(tcp_hdr(skb)->seq);

	switch (follow(priv, sq, tx, seq, len)) {
	case SYNC_OK:
		break;
	case SYNC_BEFORE_START:
		cx6dx_stat_inc(sq->stats, tls_skip_no_sync_data);
		return skb;
	case SYNC_MIXED:
		cx6dx_stat_inc(sq->stats, tls_drop_bypass_req);
		dev_kfree_skb_any(skb);
		return NULL;
	default:
		cx6dx_stat_inc(sq->stats, tls_drop_no_sync_data);
		dev_kfree_skb_any(skb);
		return NULL;
	}

	tx->expected_seq = seq + len;
	*tisn = tx->tisn;
	u64_stats_update_begin(&sq->stats->syncp);
	u64_stats_add(&sq->stats->tls_encrypted_packets,
		      skb_is_gso(skb) ? skb_shinfo(skb)->gso_segs : 1);
	u64_stats_add(&sq->stats->tls_encrypted_bytes, len);
	u64_stats_update_end(&sq->stats->syncp);
	return skb;
}

/* The queue that the packet's stream stays on */
int cx6dx_ktls_tx_queue(struct sk_buff *skb, struct net_device *netdev)
{
	struct cx6dx_ktls_tx *tx = tx_of(skb);
	int queue = READ_ONCE(tx->queue);

	if (unlikely(queue < 0 || queue >= netdev->real_num_tx_queues)) {
		queue = netdev_pick_tx(netdev, skb, NULL);
		WRITE_ONCE(tx->queue, queue);
	}
	return queue;
}

/* BBs that a resynchronisation can take in front of a packet, at most */
u16 cx6dx_ktls_tx_room(u32 dump_bytes)
{
	u32 record = TLS_MAX_PAYLOAD_SIZE + TLS_HEADER_SIZE +
		     TLS_CIPHER_AES_GCM_128_IV_SIZE +
		     TLS_CIPHER_AES_GCM_128_TAG_SIZE;
	u32 static_bbs = DIV_ROUND_UP(CX6DX_WQE_STATIC_PARAMS_DS, 4);

	/* static parameters with padding, progress, NOP, one DUMP a piece */
	return 2 * static_bbs + 2 + MAX_SKB_FRAGS + 1 +
	       DIV_ROUND_UP(record, dump_bytes);
}
