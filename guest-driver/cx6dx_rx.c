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
 *
 * With hardware GRO the device may put segments of a TCP stream into one WQE,
 * behind the headers of the first, which has pages for that.  They are put
 * right here, so that the stack sees what its own GRO would have made.
 */
#include <linux/if_vlan.h>
#include <linux/ipv6.h>
#include <linux/tcp.h>
#include <net/ip6_checksum.h>
#include <net/tcp.h>

#include "cx6dx.h"
#include "cx6dx_ktls.h"

#define RX_HEADROOM	(NET_SKB_PAD + NET_IP_ALIGN)
#define RX_LINEAR_ROOM(bytes) \
	((bytes) - RX_HEADROOM - \
	 SKB_DATA_ALIGN(sizeof(struct skb_shared_info)))
#define RX_HALF_PAGE	(PAGE_SIZE / 2)
#define RX_COPY_BYTES	256
#define RX_MAX_HEADER	256
#define RX_MAX_POOL	16384
#define RX_FRAME_EXTRA	(ETH_HLEN + VLAN_HLEN)

/* ---- buffers ---- */

static u8 *rq_wqe(struct cx6dx_rq *rq, u16 index)
{
	return rq->buf_va + ((index & rq->mask) << rq->log_stride);
}

static struct page *alloc_first(struct cx6dx_rq *rq, unsigned int *offset)
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

	while (slot->missing > 1) {
		page = page_pool_dev_alloc_pages(rq->page_pool);
		if (unlikely(!page))
			return false;
		slot->page[--slot->missing] = page;
		CX6DX_PUT_WORDS(wqe_data,
				seg + slot->missing * CX6DX_WQE_DS_BYTES, addr,
				page_pool_get_dma_addr(page));
	}
	if (slot->missing) {
		page = alloc_first(rq, &offset);
		if (unlikely(!page))
			return false;
		slot->page[0] = page;
		slot->offset = offset;
		slot->missing = 0;
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

/* @len bytes from @offset of page @i on, and of those behind it */
static void take_pages(struct cx6dx_rq *rq, struct sk_buff *skb,
		       struct cx6dx_rx_slot *slot, int i, u32 offset, u32 len)
{
	while (len) {
		u32 n = min_t(u32, len, PAGE_SIZE - offset);

		if (i)
			sync_for_cpu(rq, slot->page[i], 0, n);
		skb_add_rx_frag(skb, skb_shinfo(skb)->nr_frags, slot->page[i],
				offset, n, PAGE_SIZE);
		offset = 0;
		len -= n;
		i++;
	}
	slot->missing = i;
}

static struct sk_buff *skb_linear(struct cx6dx_rq *rq,
				  struct cx6dx_rx_slot *slot, u32 len)
{
	u32 head = min(len, rq->seg_bytes);
	struct sk_buff *skb;

	skb = napi_build_skb(page_address(slot->page[0]) + slot->offset,
			     rq->buf_bytes);
	if (unlikely(!skb))
		return NULL;
	skb_reserve(skb, rq->headroom);
	__skb_put(skb, head);
	skb_mark_for_recycle(skb);
	take_pages(rq, skb, slot, 1, 0, len - head);
	return skb;
}

/* Header copied, the rest as fragments */
static struct sk_buff *skb_frags(struct cx6dx_channel *ch,
				 struct cx6dx_rx_slot *slot, u32 len)
{
	u8 *va = page_address(slot->page[0]);
	struct sk_buff *skb;
	u32 offset;

	skb = napi_alloc_skb(&ch->napi, RX_MAX_HEADER);
	if (unlikely(!skb))
		return NULL;
	offset = eth_get_headlen(ch->netdev, va,
				 min_t(u32, len, RX_MAX_HEADER));
	skb_put_data(skb, va, offset);
	skb_mark_for_recycle(skb);
	take_pages(&ch->rq, skb, slot, 0, offset, len - offset);
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

/* ---- packets of several segments ---- */

/* Where the IP header of @skb begins, and its protocol */
static u32 ip_offset(const struct sk_buff *skb, __be16 *proto)
{
	u32 offset = ETH_HLEN;

	*proto = ((struct ethhdr *)skb->data)->h_proto;
	while (eth_type_vlan(*proto) &&
	       offset + VLAN_HLEN <= skb_headlen(skb)) {
		struct vlan_hdr *vlan = (void *)(skb->data + offset);

		*proto = vlan->h_vlan_encapsulated_proto;
		offset += VLAN_HLEN;
	}
	return offset;
}

/* Length of the first segment behind its IP header; 0: that is not TCP */
static u32 fix_ip(struct sk_buff *skb, __be16 proto, u32 offset,
		  struct tcphdr **th)
{
	u32 first;

	if (proto == htons(ETH_P_IP)) {
		struct iphdr *iph = (void *)(skb->data + offset);

		*th = (void *)(iph + 1);
		if (skb_headlen(skb) < offset + sizeof(*iph) + sizeof(**th) ||
		    iph->ihl != 5 || iph->protocol != IPPROTO_TCP)
			return 0;
		first = ntohs(iph->tot_len) - sizeof(*iph);
		csum_replace2(&iph->check, iph->tot_len,
			      htons(skb->len - offset));
		iph->tot_len = htons(skb->len - offset);
		offset += sizeof(*iph);
		(*th)->check = ~tcp_v4_check(skb->len - offset, iph->saddr,
					     iph->daddr, 0);
		skb_shinfo(skb)->gso_type = SKB_GSO_TCPV4;
	} else if (proto == htons(ETH_P_IPV6)) {
		struct ipv6hdr *ip6h = (void *)(skb->data + offset);

		*th = (void *)(ip6h + 1);
		offset += sizeof(*ip6h);
		if (skb_headlen(skb) < offset + sizeof(**th) ||
		    ip6h->nexthdr != IPPROTO_TCP)
			return 0;
		first = ntohs(ip6h->payload_len);
		ip6h->payload_len = htons(skb->len - offset);
		(*th)->check = ~tcp_v6_check(skb->len - offset, &ip6h->saddr,
					     &ip6h->daddr, 0);
		skb_shinfo(skb)->gso_type = SKB_GSO_TCPV6;
	} else {
		return 0;
	}
	return first;
}

/*
 * The device merged @segs segments, of which only the last may be shorter, and
 * left the headers of the first.  They become those of all; returns how long
 * they are, or 0 if the packet is no such.
 */
static u32 set_gro(struct sk_buff *skb, const u8 *cqe, u32 segs)
{
	struct tcphdr *th;
	u32 first, hdr;
	__be16 proto;

	hdr = ip_offset(skb, &proto);
	first = fix_ip(skb, proto, hdr, &th);
	if (!first)
		return 0;
	hdr = (u8 *)th + th->doff * 4 - skb->data;
	if (first <= th->doff * 4 || hdr > skb_headlen(skb))
		return 0;
	th->psh = CX6DX_GET(cqe, cqe, lro_tcp_psh);
	skb_shinfo(skb)->gso_size = first - th->doff * 4;
	skb_shinfo(skb)->gso_segs = segs;
	/* as the stack's own GRO leaves it: only the pseudo header is summed */
	skb->ip_summed = CHECKSUM_PARTIAL;
	skb->csum_start = (u8 *)th - skb->head;
	skb->csum_offset = offsetof(struct tcphdr, check);
	return hdr;
}

/* ---- completions ---- */

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

static void count_gro(struct cx6dx_rq_stats *stats, u32 segs, u32 len)
{
	u64_stats_add(&stats->csum_unnecessary, segs);
	u64_stats_add(&stats->hw_gro_packets, 1);
	u64_stats_add(&stats->hw_gro_bytes, len);
	u64_stats_add(&stats->hw_gro_wire_packets, segs);
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

/* One received frame, or several in one packet.  NAPI. */
void cx6dx_rx_complete(struct cx6dx_channel *ch, const u8 *cqe)
{
	u32 flags = CX6DX_WORD(cqe, cqe, l4_ok);
	u32 len = CX6DX_GET(cqe, cqe, byte_cnt);
	u32 segs = max(CX6DX_GET(cqe, cqe, lro_num_seg), 1U);
	struct cx6dx_rq *rq = &ch->rq;
	struct sk_buff *skb = NULL;
	unsigned int tls;
	u32 hdr = 0;
	u16 index;

	index = CX6DX_GET(cqe, cqe, wqe_counter);
	rq->cc++;
	if (likely(len <= rq->room && len > ETH_HLEN))
		skb = make_skb(ch, &rq->slot[index & rq->mask], len);
	if (skb && segs > 1) {
		hdr = set_gro(skb, cqe, segs);
		if (unlikely(!hdr)) {
			kfree_skb(skb);
			skb = NULL;
		}
	}
	if (unlikely(!skb)) {
		cx6dx_stat_inc(rq->stats, dropped);
		return;
	}

	u64_stats_update_begin(&rq->stats->syncp);
	u64_stats_add(&rq->stats->packets, segs);
	u64_stats_add(&rq->stats->bytes, len + (segs - 1) * hdr);
	if (segs > 1)
		count_gro(rq->stats, segs, len);
	else
		set_csum(ch, skb, flags);
	if (CX6DX_FIELD(cqe, flags, vlan_stripped))
		u64_stats_add(&rq->stats->vlan_stripped, segs);
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

static void choose_layout(struct cx6dx_rq *rq,
			  const struct cx6dx_params *params)
{
	u32 frame = params->mtu + RX_FRAME_EXTRA;

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
	if (params->hw_gro)
		rq->num_segs = max_t(u8, rq->num_segs, CX6DX_GRO_PAGES + 1);
	rq->room = rq->seg_bytes + (rq->num_segs - 1) * PAGE_SIZE;
	rq->log_stride = order_base_2(rq->num_segs * CX6DX_WQE_DS_BYTES);
}

/* The longest packet that the device may merge, with headers; 0: it must not */
u32 cx6dx_rq_gro_bytes(const struct cx6dx_params *params)
{
	struct cx6dx_rq rq;

	if (!params->hw_gro)
		return 0;
	choose_layout(&rq, params);
	return rq.room;
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
				cx6dx_put_data_seg(seg, s ? PAGE_SIZE :
							    rq->seg_bytes,
						   rq->lkey, 0);
			else
				cx6dx_put_data_seg(seg, 0,
						   CX6DX_TERMINATE_LKEY, 0);
		}
	}
}

static struct page_pool *pool_create(struct cx6dx_channel *ch, u32 pages,
				     bool halves)
{
	struct page_pool_params pp = {
		.flags = PP_FLAG_DMA_MAP | PP_FLAG_DMA_SYNC_DEV,
		.pool_size = min_t(u32, pages, RX_MAX_POOL),
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
	if (halves)
		pp.flags |= PP_FLAG_PAGE_FRAG;
#endif
	return page_pool_create(&pp);
}

static int pools_create(struct cx6dx_channel *ch, u32 entries)
{
	struct cx6dx_rq *rq = &ch->rq;
	int err;

	rq->pool = pool_create(ch, entries * rq->buf_bytes / PAGE_SIZE,
			       rq->buf_bytes < PAGE_SIZE);
	if (IS_ERR(rq->pool))
		return PTR_ERR(rq->pool);
	if (rq->num_segs == 1)
		return 0;
	rq->page_pool = pool_create(ch, entries * (rq->num_segs - 1), false);
	if (!IS_ERR(rq->page_pool))
		return 0;
	err = PTR_ERR(rq->page_pool);
	page_pool_destroy(rq->pool);
	return err;
}

static void pools_destroy(struct cx6dx_rq *rq)
{
	if (rq->num_segs > 1)
		page_pool_destroy(rq->page_pool);
	page_pool_destroy(rq->pool);
}

static void drop_pages(struct cx6dx_rq *rq)
{
	u32 i;
	int s;

	for (i = 0; i <= rq->mask; i++)
		for (s = rq->slot[i].missing; s < rq->num_segs; s++)
			page_pool_put_full_page(s ? rq->page_pool : rq->pool,
						rq->slot[i].page[s], false);
}

int cx6dx_rq_open(struct cx6dx_channel *ch, const struct cx6dx_params *params)
{
	u8 log_size = order_base_2(params->rq_entries);
	struct cx6dx_dev *cdev = ch->cdev;
	struct cx6dx_rq *rq = &ch->rq;
	int err, i;

	choose_layout(rq, params);
	rq->dev = cdev->dev;
	rq->mask = params->rq_entries - 1;
	rq->lkey = cdev->mkey;
	rq->stats = &ch->priv->stats[ch->ix].rq;
	rq->slot = kvcalloc(params->rq_entries, sizeof(*rq->slot), GFP_KERNEL);
	if (!rq->slot)
		return -ENOMEM;
	for (i = 0; i <= rq->mask; i++)
		rq->slot[i].missing = rq->num_segs;
	err = cx6dx_buf_alloc(cdev, &rq->buf,
			      (size_t)params->rq_entries << rq->log_stride);
	if (err)
		goto err_slot;
	rq->buf_va = rq->buf.va;
	format_wqes(rq);
	err = cx6dx_dbrec_alloc(cdev, &rq->db);
	if (err)
		goto err_buf;
	err = pools_create(ch, params->rq_entries);
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
	pools_destroy(rq);
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
	pools_destroy(rq);
	cx6dx_dbrec_free(cdev, &rq->db);
	cx6dx_buf_free(cdev, &rq->buf);
	kvfree(rq->slot);
}
