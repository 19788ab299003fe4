// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * cx6dx_tls: send queues (PRM "Send Queue", "WQE Format")
 *
 * The ring is made of 64-byte basic blocks (BB); a WQE takes up to 16 of them
 * and never crosses a page, so the rest of a page is sometimes filled with
 * NOPs.  One doorbell serves a whole burst, and only its last WQE asks for a
 * completion.  What must be unmapped is read back from the WQE itself.
 *
 * The producer runs under the queue's xmit lock, the consumer in NAPI.
 */
#include <net/ip6_checksum.h>
#include <linux/if_vlan.h>
#include <linux/ip.h>
#include <linux/tcp.h>
#include <linux/udp.h>

#include "cx6dx.h"
#include "cx6dx_ktls.h"

#define BBS_PER_PAGE	(CX6DX_PAGE_BYTES / CX6DX_WQE_BB_BYTES)
#define SEGS_PER_BB	(CX6DX_WQE_BB_BYTES / CX6DX_WQE_DS_BYTES)

/* ---- producer ---- */

static u8 *sq_bb(struct cx6dx_sq *sq, u16 index)
{
	return sq->buf_va + (index & sq->mask) * CX6DX_WQE_BB_BYTES;
}

/* Bookkeeping of the WQE that is posted next */
struct cx6dx_tx_wqe *cx6dx_sq_slot(struct cx6dx_sq *sq)
{
	return &sq->wqe[sq->pi & sq->mask];
}

/*
 * Writes the control segment of @wqe, whose bookkeeping is filled in, and makes
 * it part of the next doorbell.
 */
void cx6dx_sq_post(struct cx6dx_sq *sq, u8 *wqe, u8 opmod, u8 opcode, u8 ds,
		   u8 fence, u32 general_id)
{
	u8 num_bbs = DIV_ROUND_UP(ds, SEGS_PER_BB);

	CX6DX_PUT_WORD(wqe_ctrl, wqe, opcode,
		       CX6DX_BITS(wqe_ctrl, opmod, opmod) |
		       CX6DX_BITS(wqe_ctrl, wqe_index, sq->pi) |
		       CX6DX_BITS(wqe_ctrl, opcode, opcode));
	CX6DX_PUT_WORD(wqe_ctrl, wqe, qpn,
		       CX6DX_BITS(wqe_ctrl, qpn, sq->sqn) |
		       CX6DX_BITS(wqe_ctrl, ds, ds));
	CX6DX_PUT_WORD(wqe_ctrl, wqe, completion,
		       CX6DX_BITS(wqe_ctrl, fence, fence));
	CX6DX_PUT_WORD(wqe_ctrl, wqe, general_id, general_id);

	cx6dx_sq_slot(sq)->num_bbs = num_bbs;
	sq->last_wqe = wqe;
	sq->unrung += num_bbs;
	WRITE_ONCE(sq->pi, sq->pi + num_bbs);
}

void cx6dx_sq_post_nop(struct cx6dx_sq *sq, u8 fence)
{
	cx6dx_sq_slot(sq)->kind = CX6DX_TX_NONE;
	cx6dx_sq_post(sq, sq_bb(sq, sq->pi), 0, CX6DX_WQE_NOP, 1, fence, 0);
}

/*
 * Place for a WQE of @num_bbs at the head of the ring, which has room for it:
 * the queue is stopped before it could run out.
 */
u8 *cx6dx_sq_reserve(struct cx6dx_sq *sq, u16 num_bbs)
{
	u16 in_page = sq->pi % BBS_PER_PAGE;

	if (unlikely(in_page + num_bbs > BBS_PER_PAGE))
		while (sq->pi % BBS_PER_PAGE)
			cx6dx_sq_post_nop(sq, 0);
	return sq_bb(sq, sq->pi);
}

static void sq_ring(struct cx6dx_sq *sq)
{
	u8 *wqe = sq->last_wqe;

	CX6DX_SET(wqe_ctrl, wqe, completion, CX6DX_CE_ALWAYS);
	sq->unrung = 0;
	/* WQEs before the doorbell record */
	dma_wmb();
	cx6dx_db_store(sq->db.va + CX6DX_OFF_(wq_dbrec, sq_counter), sq->pi);
	wmb(); /* the record before the doorbell */
	cx6dx_uar_write64(sq->doorbell, wqe);
	cx6dx_stat_inc(sq->stats, doorbells);
}

static void unmap_segs(struct cx6dx_sq *sq, const u8 *seg, unsigned int count)
{
	while (count--) {
		dma_unmap_page(sq->dev, CX6DX_GET64(wqe_data, seg, addr),
			       CX6DX_GET(wqe_data, seg, byte_count),
			       DMA_TO_DEVICE);
		seg += CX6DX_WQE_DS_BYTES;
	}
}

/* Maps the packet from @ihs on into data segments; their number, or an errno */
static int map_skb(struct cx6dx_sq *sq, struct sk_buff *skb, u32 ihs,
		   u8 *first)
{
	u32 headlen = skb_headlen(skb) - ihs;
	unsigned int i, count = 0;
	u8 *seg = first;
	dma_addr_t dma;

	if (headlen) {
		dma = dma_map_single(sq->dev, skb->data + ihs, headlen,
				     DMA_TO_DEVICE);
		if (unlikely(dma_mapping_error(sq->dev, dma)))
			return -ENOMEM;
		cx6dx_put_data_seg(seg, headlen, sq->lkey, dma);
		seg += CX6DX_WQE_DS_BYTES;
		count++;
	}
	for (i = 0; i < skb_shinfo(skb)->nr_frags; i++) {
		const skb_frag_t *frag = &skb_shinfo(skb)->frags[i];
		u32 len = skb_frag_size(frag);

		dma = skb_frag_dma_map(sq->dev, frag, 0, len, DMA_TO_DEVICE);
		if (unlikely(dma_mapping_error(sq->dev, dma))) {
			unmap_segs(sq, first, count);
			return -ENOMEM;
		}
		cx6dx_put_data_seg(seg, len, sq->lkey, dma);
		seg += CX6DX_WQE_DS_BYTES;
		count++;
	}
	return count;
}

struct tx_plan {
	u32 bytes;		/* on the wire, for BQL and statistics */
	u16 segs;
	u16 mss;
	u16 ihs;		/* header bytes taken out of the packet */
	u16 inline_bytes;	/* header bytes in the WQE: ihs and a VLAN tag */
	u8 opcode;
};

static void make_plan(struct cx6dx_sq *sq, struct sk_buff *skb, bool tls,
		      struct tx_plan *plan)
{
	plan->opcode = CX6DX_WQE_SEND;
	plan->mss = 0;
	plan->ihs = 0;
	plan->segs = 1;
	plan->bytes = skb->len;
	if (skb_is_gso(skb)) {
		if (skb_shinfo(skb)->gso_type & SKB_GSO_UDP_L4)
			plan->ihs = skb_transport_offset(skb) +
				    sizeof(struct udphdr);
		else
			plan->ihs = skb_tcp_all_headers(skb);
		plan->opcode = CX6DX_WQE_LSO;
		plan->mss = skb_shinfo(skb)->gso_size;
		plan->segs = skb_shinfo(skb)->gso_segs ?: 1;
		plan->bytes += (plan->segs - 1) * plan->ihs;
	} else if (tls) {
		plan->ihs = skb_tcp_all_headers(skb);
	}
	plan->inline_bytes = plan->ihs;
	if (skb_vlan_tag_present(skb)) {
		/* the tag and an inline header exclude each other */
		if (!plan->ihs && !sq->vlan_insert)
			plan->ihs = ETH_HLEN;
		if (plan->ihs)
			plan->inline_bytes = plan->ihs + VLAN_HLEN;
	}
}

/* Inline header at @to, with the VLAN tag put in */
static void copy_header_vlan(u8 *to, struct sk_buff *skb, u16 ihs)
{
	struct vlan_ethhdr *vhdr = (struct vlan_ethhdr *)to;

	memcpy(to, skb->data, 2 * ETH_ALEN);
	put_unaligned(skb->vlan_proto, &vhdr->h_vlan_proto);
	put_unaligned(htons(skb_vlan_tag_get(skb)), &vhdr->h_vlan_TCI);
	memcpy(to + 2 * ETH_ALEN + VLAN_HLEN, skb->data + 2 * ETH_ALEN,
	       ihs - 2 * ETH_ALEN);
}

static void fill_eth(struct cx6dx_sq *sq, u8 *wqe, struct sk_buff *skb,
		     const struct tx_plan *plan, bool tls)
{
	u8 *eth = wqe + CX6DX_WQE_ETH_OFF;
	u32 flags = 0;
	u32 last = 0;

	if (skb->ip_summed == CHECKSUM_PARTIAL || tls) {
		flags = CX6DX_BITS(wqe_eth, l3_csum, 1) |
			CX6DX_BITS(wqe_eth, l4_csum, 1);
		cx6dx_stat_inc(sq->stats, csum_partial);
	}
	if (plan->inline_bytes)
		last = CX6DX_BITS(wqe_eth, inline_hdr_sz, plan->inline_bytes);
	else if (skb_vlan_tag_present(skb))
		last = CX6DX_BITS(wqe_eth, vlan_insert, 1) |
		       CX6DX_BITS(wqe_eth, vlan_tci, skb_vlan_tag_get(skb));

	/* two words of the segment have no field that the driver uses */
	memset(eth, 0, CX6DX_BYTES(wqe_eth));
	CX6DX_PUT_WORD(wqe_eth, eth, mss,
		       flags | CX6DX_BITS(wqe_eth, mss, plan->mss));
	CX6DX_PUT_WORD(wqe_eth, eth, inline_hdr_sz, last);
	if (plan->inline_bytes > plan->ihs)
		copy_header_vlan(wqe + CX6DX_WQE_INLINE_HDR_OFF, skb,
				 plan->ihs);
	else if (plan->ihs)
		memcpy(wqe + CX6DX_WQE_INLINE_HDR_OFF, skb->data, plan->ihs);
}

/* Posts the packet; false if it cannot be sent at all */
static bool sq_send(struct cx6dx_sq *sq, struct sk_buff *skb, u32 tisn,
		    struct tx_plan *plan)
{
	u16 first = 2;	/* control and Ethernet segment */
	struct cx6dx_tx_wqe *wi;
	int count;
	u8 ds;
	u8 *wqe;

	make_plan(sq, skb, tisn, plan);
	if (unlikely(plan->ihs > skb_headlen(skb)) &&
	    !pskb_may_pull(skb, plan->ihs))
		return false;
	if (plan->inline_bytes)
		first += DIV_ROUND_UP(plan->inline_bytes - 2,
				      CX6DX_WQE_DS_BYTES);
	ds = first + (skb_headlen(skb) > plan->ihs) + skb_shinfo(skb)->nr_frags;

	wqe = cx6dx_sq_reserve(sq, DIV_ROUND_UP(ds, SEGS_PER_BB));
	fill_eth(sq, wqe, skb, plan, tisn);
	count = map_skb(sq, skb, plan->ihs, wqe + first * CX6DX_WQE_DS_BYTES);
	if (unlikely(count < 0))
		return false;

	wi = cx6dx_sq_slot(sq);
	wi->kind = CX6DX_TX_SKB;
	wi->skb = skb;
	wi->bytes = plan->bytes;
	wi->first_seg = first;
	wi->num_segs = count;
	cx6dx_sq_post(sq, wqe, 0, plan->opcode, ds, 0,
		      CX6DX_BITS(wqe_ctrl, tis_tir_num, tisn));
	return true;
}

static void count_sent(struct cx6dx_sq *sq, const struct sk_buff *skb,
		       const struct tx_plan *plan)
{
	struct cx6dx_sq_stats *s = sq->stats;

	u64_stats_update_begin(&s->syncp);
	u64_stats_add(&s->packets, plan->segs);
	u64_stats_add(&s->bytes, plan->bytes);
	if (plan->opcode == CX6DX_WQE_LSO)
		u64_stats_add(&s->tso_packets, 1);
	if (skb_vlan_tag_present(skb))
		u64_stats_add(&s->vlan_insert, 1);
	u64_stats_update_end(&s->syncp);
}

/* Stops the queue if the next packet might not fit */
static void maybe_stop(struct cx6dx_sq *sq)
{
	if (likely(cx6dx_room(sq->pi, READ_ONCE(sq->cc), sq->mask,
			      sq->stop_room)))
		return;
	netif_tx_stop_queue(sq->txq);
	/* pairs with the barrier in cx6dx_sq_complete() */
	smp_mb();
	if (cx6dx_room(sq->pi, READ_ONCE(sq->cc), sq->mask, sq->stop_room))
		netif_tx_start_queue(sq->txq);
	else
		cx6dx_stat_inc(sq->stats, stopped);
}

/* Rings for what was posted before, when the last packet came to nothing */
static void flush_posted(struct cx6dx_sq *sq)
{
	if (!sq->unrung || netdev_xmit_more())
		return;
	/* a DUMP cannot ask for a completion */
	cx6dx_sq_post_nop(sq, 0);
	sq_ring(sq);
}

netdev_tx_t cx6dx_xmit(struct sk_buff *skb, struct net_device *netdev)
{
	struct cx6dx_priv *priv = netdev_priv(netdev);
	struct cx6dx_sq *sq = priv->txsq[skb_get_queue_mapping(skb)];
	struct tx_plan plan;
	u32 tisn = 0;

	if (unlikely(!sq)) {
		dev_kfree_skb_any(skb);
		return NETDEV_TX_OK;
	}
	if (cx6dx_ktls_offloaded(skb)) {
		skb = cx6dx_ktls_tx_skb(priv, sq, skb, &tisn);
		if (!skb)
			goto out_flush;
	}
	if (unlikely(!sq_send(sq, skb, tisn, &plan)))
		goto drop;

	count_sent(sq, skb, &plan);
	skb_tx_timestamp(skb);
	maybe_stop(sq);
	if (__netdev_tx_sent_queue(sq->txq, plan.bytes, netdev_xmit_more()))
		sq_ring(sq);
	return NETDEV_TX_OK;

drop:
	if (tisn)
		cx6dx_ktls_tx_lost(skb);
	cx6dx_stat_inc(sq->stats, dropped);
	dev_kfree_skb_any(skb);
out_flush:
	maybe_stop(sq);
	flush_posted(sq);
	return NETDEV_TX_OK;
}

/* ---- consumer ---- */

static void release_wqe(struct cx6dx_sq *sq, u16 index, int budget)
{
	struct cx6dx_tx_wqe *wi = &sq->wqe[index & sq->mask];

	if (wi->kind == CX6DX_TX_NONE)
		return;
	unmap_segs(sq, sq_bb(sq, index) + wi->first_seg * CX6DX_WQE_DS_BYTES,
		   wi->num_segs);
	if (wi->kind == CX6DX_TX_SKB) {
		napi_consume_skb(wi->skb, budget);
	} else {
		put_page(wi->page);
		u64_stats_update_begin(&sq->stats->syncp);
		u64_stats_add(&sq->stats->tls_dump_packets, 1);
		u64_stats_add(&sq->stats->tls_dump_bytes, wi->bytes);
		u64_stats_update_end(&sq->stats->syncp);
	}
	wi->kind = CX6DX_TX_NONE;
}

/* Everything up to the WQE at @wqe_counter has completed.  NAPI. */
void cx6dx_sq_complete(struct cx6dx_sq *sq, u16 wqe_counter, int budget)
{
	u16 pi = READ_ONCE(sq->pi);
	u32 packets = 0, bytes = 0;
	u16 cc = sq->cc;
	bool last;

	do {
		struct cx6dx_tx_wqe *wi = &sq->wqe[cc & sq->mask];

		if (unlikely(cc == pi)) {
			netdev_err(sq->ch->netdev,
				   "completion of WQE %u, which was not posted\n",
				   wqe_counter);
			cx6dx_netdev_restart(sq->ch->priv);
			break;
		}
		last = cc == wqe_counter;
		if (wi->kind == CX6DX_TX_SKB) {
			packets++;
			bytes += wi->bytes;
		}
		release_wqe(sq, cc, budget);
		cc += wi->num_bbs;
	} while (!last);

	WRITE_ONCE(sq->cc, cc);
	netdev_tx_completed_queue(sq->txq, packets, bytes);

	/* pairs with the barrier in maybe_stop() */
	smp_mb();
	if (unlikely(netif_tx_queue_stopped(sq->txq)) &&
	    cx6dx_room(READ_ONCE(sq->pi), cc, sq->mask, sq->stop_room) &&
	    READ_ONCE(sq->ch->priv->txsq[sq->ix]) == sq) {
		netif_tx_wake_queue(sq->txq);
		cx6dx_stat_inc(sq->stats, woken);
	}
}

/* ---- life ---- */

int cx6dx_sq_open(struct cx6dx_channel *ch, const struct cx6dx_params *params)
{
	u8 log_size = order_base_2(params->sq_entries);
	struct cx6dx_dev *cdev = ch->cdev;
	struct cx6dx_sq *sq = &ch->sq;
	int err;

	sq->ch = ch;
	sq->dev = cdev->dev;
	sq->ix = ch->ix;
	sq->txq = netdev_get_tx_queue(ch->netdev, ch->ix);
	sq->doorbell = cdev->uar + CX6DX_UAR_SQ_DB;
	sq->mask = params->sq_entries - 1;
	sq->lkey = cdev->mkey;
	sq->vlan_insert = cdev->caps.vlan_insert;
	sq->stats = &ch->priv->stats[ch->ix].sq;
	sq->dump_bytes = params->mtu;
	/* a packet and the NOPs in front of it */
	sq->stop_room = 2 * CX6DX_MAX_WQEBBS + cx6dx_ktls_tx_room(params->mtu);

	sq->wqe = kvcalloc(params->sq_entries, sizeof(*sq->wqe), GFP_KERNEL);
	if (!sq->wqe)
		return -ENOMEM;
	err = cx6dx_buf_alloc(cdev, &sq->buf, (size_t)params->sq_entries *
			      CX6DX_WQE_BB_BYTES);
	if (err)
		goto err_wqe;
	sq->buf_va = sq->buf.va;
	err = cx6dx_dbrec_alloc(cdev, &sq->db);
	if (err)
		goto err_buf;
	err = cx6dx_sq_create_cmd(cdev, &sq->buf, sq->db.dma, log_size,
				  ch->cq.cqn, ch->priv->tisn, &sq->sqn);
	if (err)
		goto err_db;
	err = cx6dx_queue_ready(cdev, CX6DX_CMD_MODIFY_SQ, sq->sqn);
	if (err)
		goto err_sq;
	netdev_tx_reset_queue(sq->txq);
	return 0;

err_sq:
	cx6dx_cmd_simple(cdev, CX6DX_CMD_DESTROY_SQ, sq->sqn);
err_db:
	cx6dx_dbrec_free(cdev, &sq->db);
err_buf:
	cx6dx_buf_free(cdev, &sq->buf);
err_wqe:
	kvfree(sq->wqe);
	return err;
}

/* Neither producer nor NAPI runs any more */
void cx6dx_sq_close(struct cx6dx_channel *ch)
{
	struct cx6dx_dev *cdev = ch->cdev;
	struct cx6dx_sq *sq = &ch->sq;

	cx6dx_cmd_simple(cdev, CX6DX_CMD_DESTROY_SQ, sq->sqn);
	while (sq->cc != sq->pi) {
		u8 num_bbs = sq->wqe[sq->cc & sq->mask].num_bbs;

		release_wqe(sq, sq->cc, 0);
		sq->cc += num_bbs;
	}
	netdev_tx_reset_queue(sq->txq);
	cx6dx_dbrec_free(cdev, &sq->db);
	cx6dx_buf_free(cdev, &sq->buf);
	kvfree(sq->wqe);
}
