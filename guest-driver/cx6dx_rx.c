// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * cx6dx_tls: receive queues (PRM "Receive Queue")
 *
 * A cyclic queue of buffers from a page_pool, which keeps its pages mapped.
 * While a frame fits half a page or a page, beside headroom and
 * skb_shared_info, that becomes the skb; larger frames are scattered over
 * several pages and become fragments behind a copied header.  Short frames are
 * copied and their buffer stays where it is.  Posting buffers takes a doorbell
 * record, no register.
 */
#include <linux/if_vlan.h>

#include "cx6dx.h"
#include "cx6dx_ktls.h"

#define RX_HEADROOM	(NET_SKB_PAD + NET_IP_ALIGN)
#define RX_LINEAR_ROOM(bytes) \
	((bytes) - RX_HEADROOM - \
	 SKB_DATA_ALIGN(sizeof(struct skb_shared_info)))
#define RX_HALF_PAGE	(PAGE_SIZE / 2)
#define RX_COPY_BYTES	256
#define RX_MAX_HEADER	256
#define RX_FRAME_EXTRA	(ETH_HLEN + VLAN_HLEN)

/* ---- buffers ---- */

static u8 *rq_wqe(struct cx6dx_rq *rq, u16 index)
{
	return rq->buf_va + ((index & rq->mask) << rq->log_stride);
}

static struct page *alloc_buffer(struct cx6dx_rq *rq, unsigned int *offset)
{
	*offset = 0;
	if (rq->buf_bytes == RX_HALF_PAGE)
		return page_pool_dev_alloc_frag(rq->pool, offset,
						RX_HALF_PAGE);
	return page_pool_dev_alloc_pages(rq->pool);
}

static bool fill_slot(struct cx6dx_rq *rq, u16 index)
{
	struct cx6dx_rx_slot *slot = &rq->slot[index & rq->mask];
	u8 *seg = rq_wqe(rq, index);
	unsigned int offset;
	struct page *page;
	u64 dma;
	int i;

	for (i = 0; i < rq->num_segs; i++, seg += CX6DX_WQE_DS_BYTES) {
		if (slot->page[i])
			continue;
		page = alloc_buffer(rq, &offset);
		if (unlikely(!page))
			return false;
		slot->page[i] = page;
		slot->offset = offset;
		dma = page_pool_get_dma_addr(page) + offset + rq->headroom;
		CX6DX_PUT_WORDS(wqe_data, seg, addr, dma);
	}
	return true;
}

/* Posts a buffer for every free WQE; false if memory ran out.  NAPI. */
bool cx6dx_rq_fill(struct cx6dx_rq *rq)
{
	u16 end = rq->cc + rq->mask + 1;
	u16 pi = rq->pi;
	bool ok = true;

	while (pi != end) {
		if (unlikely(!fill_slot(rq, pi))) {
			cx6dx_stat_inc(rq->stats, alloc_failed);
			ok = false;
			break;
		}
		pi++;
	}
	if (pi != rq->pi) {
		rq->pi = pi;
		/* WQEs before the doorbell record */
		dma_wmb();
		cx6dx_db_store(rq->db.va + CX6DX_OFF_(wq_dbrec, rq_counter),
			       pi);
	}
	return ok;
}

/* ---- frames ---- */

static void sync_for_cpu(struct cx6dx_rq *rq, struct page *page, u32 offset,
			 u32 len)
{
	dma_sync_single_range_for_cpu(rq->dev, page_pool_get_dma_addr(page),
				      offset, len, DMA_FROM_DEVICE);
}

/* Copies a short frame; its buffer stays in the slot, addressed as before */
static struct sk_buff *skb_copied(struct cx6dx_channel *ch,
				  struct cx6dx_rx_slot *slot, u32 len)
{
	struct sk_buff *skb = napi_alloc_skb(&ch->napi, len);
	u32 offset = slot->offset + ch->rq.headroom;
	struct page *page = slot->page[0];

	if (unlikely(!skb))
		return NULL;
	skb_put_data(skb, page_address(page) + offset, len);
	dma_sync_single_range_for_device(ch->rq.dev,
					 page_pool_get_dma_addr(page), offset,
					 len, DMA_FROM_DEVICE);
	return skb;
}

static struct sk_buff *skb_linear(struct cx6dx_rq *rq,
				  struct cx6dx_rx_slot *slot, u32 len)
{
	struct sk_buff *skb;

	skb = napi_build_skb(page_address(slot->page[0]) + slot->offset,
			     rq->buf_bytes);
	if (unlikely(!skb))
		return NULL;
	slot->page[0] = NULL;
	skb_reserve(skb, rq->headroom);
	__skb_put(skb, len);
	skb_mark_for_recycle(skb);
	return skb;
}

/* Header copied, the rest as fragments */
static struct sk_buff *skb_frags(struct cx6dx_channel *ch,
				 struct cx6dx_rx_slot *slot, u32 len)
{
	u8 *va = page_address(slot->page[0]);
	struct cx6dx_rq *rq = &ch->rq;
	struct sk_buff *skb;
	u32 offset;
	int i;

	skb = napi_alloc_skb(&ch->napi, RX_MAX_HEADER);
	if (unlikely(!skb))
		return NULL;
	offset = eth_get_headlen(ch->netdev, va,
				 min_t(u32, len, RX_MAX_HEADER));
	skb_put_data(skb, va, offset);
	len -= offset;
	skb_mark_for_recycle(skb);
	for (i = 0; len; i++) {
		u32 n = min_t(u32, len, rq->seg_bytes - offset);

		if (i)
			sync_for_cpu(rq, slot->page[i], 0, n);
		skb_add_rx_frag(skb, i, slot->page[i], offset, n, PAGE_SIZE);
		slot->page[i] = NULL;
		offset = 0;
		len -= n;
	}
	return skb;
}

static struct sk_buff *make_skb(struct cx6dx_channel *ch,
				struct cx6dx_rx_slot *slot, u32 len)
{
	struct cx6dx_rq *rq = &ch->rq;

	sync_for_cpu(rq, slot->page[0], slot->offset + rq->headroom,
		     min(len, rq->seg_bytes));
	if (len <= RX_COPY_BYTES) {
		cx6dx_stat_inc(rq->stats, copied);
		return skb_copied(ch, slot, len);
	}
	if (rq->linear)
		return skb_linear(rq, slot, len);
	return skb_frags(ch, slot, len);
}

static void set_csum(struct cx6dx_channel *ch, struct sk_buff *skb, u32 flags)
{
	if (likely(CX6DX_FIELD(cqe, flags, l3_ok) &&
		   CX6DX_FIELD(cqe, flags, l4_ok) &&
		   ch->netdev->features & NETIF_F_RXCSUM)) {
		skb->ip_summed = CHECKSUM_UNNECESSARY;
		u64_stats_add(&ch->rq.stats->csum_unnecessary, 1);
	} else {
		u64_stats_add(&ch->rq.stats->csum_none, 1);
	}
}

static void set_hash(struct net_device *netdev, struct sk_buff *skb,
		     const u8 *cqe)
{
	u32 type = CX6DX_WORD(cqe, cqe, rss_hash_l4);

	if (!CX6DX_FIELD(cqe, type, rss_hash_ip) ||
	    !(netdev->features & NETIF_F_RXHASH))
		return;
	skb_set_hash(skb, CX6DX_GET(cqe, cqe, rss_hash_result),
		     CX6DX_FIELD(cqe, type, rss_hash_l4) ? PKT_HASH_TYPE_L4 :
							   PKT_HASH_TYPE_L3);
}

/* One received frame.  NAPI. */
void cx6dx_rx_complete(struct cx6dx_channel *ch, const u8 *cqe)
{
	u32 flags = CX6DX_WORD(cqe, cqe, l4_ok);
	u32 len = CX6DX_GET(cqe, cqe, byte_cnt);
	struct cx6dx_rq *rq = &ch->rq;
	struct sk_buff *skb = NULL;
	unsigned int tls;
	u16 index;

	index = CX6DX_GET(cqe, cqe, wqe_counter);
	rq->cc++;
	if (likely(len <= rq->num_segs * rq->seg_bytes && len > ETH_HLEN))
		skb = make_skb(ch, &rq->slot[index & rq->mask], len);
	if (unlikely(!skb)) {
		cx6dx_stat_inc(rq->stats, dropped);
		return;
	}

	u64_stats_update_begin(&rq->stats->syncp);
	u64_stats_add(&rq->stats->packets, 1);
	u64_stats_add(&rq->stats->bytes, len);
	set_csum(ch, skb, flags);
	if (CX6DX_FIELD(cqe, flags, vlan_stripped))
		u64_stats_add(&rq->stats->vlan_stripped, 1);
	u64_stats_update_end(&rq->stats->syncp);

	set_hash(ch->netdev, skb, cqe);
	skb_record_rx_queue(skb, ch->ix);
	if (CX6DX_FIELD(cqe, flags, vlan_stripped))
		__vlan_hwaccel_put_tag(skb, htons(ETH_P_8021Q),
				       CX6DX_FIELD(cqe, flags, vlan_info));
	skb->protocol = eth_type_trans(skb, ch->netdev);
	tls = CX6DX_GET(cqe, cqe, tls_offload);
	if (unlikely(tls != CX6DX_CQE_TLS_NOT_DECRYPTED))
		cx6dx_ktls_rx_skb(ch, skb, cqe, tls);
	napi_gro_receive(&ch->napi, skb);
}

/* ---- life ---- */

static void choose_layout(struct cx6dx_rq *rq, u16 mtu)
{
	u32 frame = mtu + RX_FRAME_EXTRA;

	rq->buf_bytes = frame <= RX_LINEAR_ROOM(RX_HALF_PAGE) ? RX_HALF_PAGE :
								PAGE_SIZE;
	/* a frame may fit one page, but not beside skb_shared_info */
	rq->linear = frame <= RX_LINEAR_ROOM(rq->buf_bytes);
	if (rq->linear) {
		rq->headroom = RX_HEADROOM;
		rq->seg_bytes = RX_LINEAR_ROOM(rq->buf_bytes);
		rq->num_segs = 1;
	} else {
		rq->headroom = 0;
		rq->seg_bytes = PAGE_SIZE;
		rq->num_segs = DIV_ROUND_UP(frame, PAGE_SIZE);
	}
	rq->log_stride = order_base_2(rq->num_segs * CX6DX_WQE_DS_BYTES);
}

static void format_wqes(struct cx6dx_rq *rq)
{
	int segs = (1 << rq->log_stride) / CX6DX_WQE_DS_BYTES;
	u32 i;
	int s;

	for (i = 0; i <= rq->mask; i++) {
		u8 *seg = rq_wqe(rq, i);

		for (s = 0; s < segs; s++, seg += CX6DX_WQE_DS_BYTES) {
			if (s < rq->num_segs)
				cx6dx_put_data_seg(seg, rq->seg_bytes,
						   rq->lkey, 0);
			else
				cx6dx_put_data_seg(seg, 0,
						   CX6DX_TERMINATE_LKEY, 0);
		}
	}
}

static int pool_create(struct cx6dx_channel *ch, u32 entries)
{
	struct cx6dx_rq *rq = &ch->rq;
	struct page_pool_params pp = {
		.flags = PP_FLAG_DMA_MAP | PP_FLAG_DMA_SYNC_DEV,
		.pool_size = entries * rq->num_segs * rq->buf_bytes / PAGE_SIZE,
		.nid = NUMA_NO_NODE,
		.dev = ch->cdev->dev,
#ifdef CX6DX_HAVE_PAGE_POOL_NAPI
		.napi = &ch->napi,
#endif
		.dma_dir = DMA_FROM_DEVICE,
		.max_len = PAGE_SIZE,
	};

#ifdef PP_FLAG_PAGE_FRAG
	/* newer kernels need not be told */
	if (rq->buf_bytes < PAGE_SIZE)
		pp.flags |= PP_FLAG_PAGE_FRAG;
#endif
	rq->pool = page_pool_create(&pp);
	return PTR_ERR_OR_ZERO(rq->pool);
}

static void drop_pages(struct cx6dx_rq *rq)
{
	u32 i;
	int s;

	for (i = 0; i <= rq->mask; i++)
		for (s = 0; s < rq->num_segs; s++)
			if (rq->slot[i].page[s])
				page_pool_put_full_page(rq->pool,
							rq->slot[i].page[s],
							false);
}

int cx6dx_rq_open(struct cx6dx_channel *ch, const struct cx6dx_params *params)
{
	u8 log_size = order_base_2(params->rq_entries);
	struct cx6dx_dev *cdev = ch->cdev;
	struct cx6dx_rq *rq = &ch->rq;
	int err;

	choose_layout(rq, params->mtu);
	rq->dev = cdev->dev;
	rq->mask = params->rq_entries - 1;
	rq->lkey = cdev->mkey;
	rq->stats = &ch->priv->stats[ch->ix].rq;
	rq->slot = kvcalloc(params->rq_entries, sizeof(*rq->slot), GFP_KERNEL);
	if (!rq->slot)
		return -ENOMEM;
	err = cx6dx_buf_alloc(cdev, &rq->buf,
			      (size_t)params->rq_entries << rq->log_stride);
	if (err)
		goto err_slot;
	rq->buf_va = rq->buf.va;
	format_wqes(rq);
	err = cx6dx_dbrec_alloc(cdev, &rq->db);
	if (err)
		goto err_buf;
	err = pool_create(ch, params->rq_entries);
	if (err)
		goto err_db;
	if (!cx6dx_rq_fill(rq)) {
		err = -ENOMEM;
		goto err_pool;
	}
	err = cx6dx_rq_create_cmd(cdev, rq, log_size, ch->cq.cqn,
				  params->vlan_strip, &rq->rqn);
	if (err)
		goto err_pool;
	err = cx6dx_queue_ready(cdev, CX6DX_CMD_MODIFY_RQ, rq->rqn);
	if (err)
		goto err_rq;
	return 0;

err_rq:
	cx6dx_cmd_simple(cdev, CX6DX_CMD_DESTROY_RQ, rq->rqn);
err_pool:
	drop_pages(rq);
	page_pool_destroy(rq->pool);
err_db:
	cx6dx_dbrec_free(cdev, &rq->db);
err_buf:
	cx6dx_buf_free(cdev, &rq->buf);
err_slot:
	kvfree(rq->slot);
	return err;
}

/* NAPI does not run any more */
void cx6dx_rq_close(struct cx6dx_channel *ch)
{
	struct cx6dx_dev *cdev = ch->cdev;
	struct cx6dx_rq *rq = &ch->rq;

	cx6dx_cmd_simple(cdev, CX6DX_CMD_DESTROY_RQ, rq->rqn);
	drop_pages(rq);
	page_pool_destroy(rq->pool);
	cx6dx_dbrec_free(cdev, &rq->db);
	cx6dx_buf_free(cdev, &rq->buf);
	kvfree(rq->slot);
}
