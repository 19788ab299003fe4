/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * cx6dx_tls: what the rooms of the guest's driver share
 *
 * The driver serves one port of a cx6dx-tls device, which speaks the interface
 * of a ConnectX-6 Dx.  Layouts, opcodes and states come from the project's PRM
 * header; nothing in this folder describes a byte of the device a second time.
 *
 * main     probe and remove       cmd      command interface
 * eq       event queues           obj      commands that make and drop objects
 * pages    pages for the device   icosq    internal send queues
 * fs       flow tables            port     link, MTU and MAC of the port
 * netdev   net_device operations  channel  queues of one channel and its NAPI
 * tx, rx   data path              ktls*    TLS offload
 * ethtool  ethtool operations
 */
#ifndef CX6DX_H
#define CX6DX_H

#include <linux/dmapool.h>
#include <linux/etherdevice.h>
#include <linux/ethtool.h>
#include <linux/interrupt.h>
#include <linux/io.h>
#include <linux/io-64-nonatomic-lo-hi.h>
#include <linux/kernel.h>
#include <linux/mutex.h>
#include <linux/netdevice.h>
#include <linux/pci.h>
#include <linux/u64_stats_sync.h>
#include <linux/workqueue.h>
#include <linux/xarray.h>

#ifdef CX6DX_HAVE_PAGE_POOL_DIR
#include <net/page_pool/helpers.h>
#else
#include <net/page_pool.h>
#endif

#include "hw/net/cx6dx_tls_prm.h"

#define CX6DX_DRV_NAME		"cx6dx_tls"
#define CX6DX_MAX_CHANNELS	32
#define CX6DX_RQ_ENTRIES	2048
#define CX6DX_SQ_ENTRIES	1024
#define CX6DX_ICOSQ_ENTRIES	256
#define CX6DX_MIN_RING		512
#define CX6DX_MAX_RING		8192
#define CX6DX_RX_USECS		32
#define CX6DX_RX_FRAMES		256
#define CX6DX_MAX_WQEBBS	16
#define CX6DX_MAX_FRAME_PAGES	4
/* Behind the first buffer of a WQE, for packets that the device merges */
#define CX6DX_GRO_PAGES		DIV_ROUND_UP(28 * 1024, PAGE_SIZE)
#define CX6DX_GRO_USECS		32
/* and so many WQEs at first: 15 MiB a channel */
#define CX6DX_GRO_RQ_ENTRIES	512
#define CX6DX_MAX_RX_SEGS \
	(CX6DX_GRO_PAGES < CX6DX_MAX_FRAME_PAGES ? CX6DX_MAX_FRAME_PAGES : \
						   CX6DX_GRO_PAGES + 1)

/*
 * For hot paths: a word of a layout put together from whole fields with one
 * store and no read, and fields taken out of a word that was read once.
 */
#define CX6DX_BITS(L, name, v)	((u32)(v) << CX6DX_LSB_(L, name))
#define CX6DX_FIELD(L, word, name) \
	((word) >> CX6DX_LSB_(L, name) & CX6DX_FIELD_MAX(L, name))
#define CX6DX_WORD(L, p, name) \
	be32_to_cpu(READ_ONCE(*(const __be32 *)((p) + CX6DX_OFF_(L, name))))
#define CX6DX_PUT_WORD(L, p, name, word) \
	(*(__be32 *)((u8 *)(p) + CX6DX_OFF_(L, name)) = cpu_to_be32(word))
#define CX6DX_PUT_WORDS(L, p, name, v) \
	(*(__be64 *)((u8 *)(p) + CX6DX_OFF_(L, name##_h)) = cpu_to_be64(v))

struct cx6dx_dev;
struct cx6dx_priv;
struct cx6dx_channel;

/* ---- buffers ---- */

/* Coherent memory of whole pages */
struct cx6dx_buf {
	void *va;
	dma_addr_t dma;
	size_t bytes;
};

/* Doorbell record of a queue */
struct cx6dx_dbrec {
	u8 *va;
	dma_addr_t dma;
};

/* ---- command interface (cx6dx_cmd.c) ---- */

#define CX6DX_CMD_MAX_SLOTS	32

struct cx6dx_cmd_slot {
	struct completion done;
};

struct cx6dx_cmd {
	struct cx6dx_buf queue;
	struct dma_pool *mailboxes;
	struct semaphore free_slots;	/* ordinary slots */
	struct mutex pages_lock;	/* the last slot, for MANAGE_PAGES */
	spinlock_t lock;		/* busy, token */
	unsigned long busy;		/* one bit a slot */
	struct cx6dx_cmd_slot slot[CX6DX_CMD_MAX_SLOTS];
	unsigned int num_slots;
	unsigned int log_stride;
	u8 token;
	bool events;			/* else polling */
	bool dead;			/* a command was lost: no more */
};

/* ---- event queues (cx6dx_eq.c) ---- */

struct cx6dx_eq {
	struct cx6dx_dev *cdev;
	struct cx6dx_channel *ch;	/* completion EQ only */
	struct cx6dx_buf buf;
	u32 ci;
	u32 mask;
	u8 log_size;
	u8 eqn;
	int irq;
	char name[32];
};

/* ---- the device ---- */

struct cx6dx_caps {
	u32 tls_tx:1;
	u32 tls_rx:1;
	u32 tls_gcm_128:1;
	u32 tls_gcm_256:1;
	u32 cq_moderation:1;
	u32 vlan_insert:1;
	u32 page_request_disable:1;
	u32 max_eqs;
	u32 max_rqt_size;
	u32 log_max_wq;
	u32 max_lso;
	u32 gro_usecs;		/* longest a packet grows; 0: it never does */
};

struct cx6dx_dev {
	struct pci_dev *pdev;
	struct device *dev;
	struct net_device *netdev;
	u8 __iomem *iseg;
	u8 __iomem *uar;
	u32 uarn;
	struct dma_pool *dbrecs;
	struct cx6dx_cmd cmd;
	struct cx6dx_eq async_eq;
	struct xarray pages;		/* given to the device, by frame number */
	struct work_struct page_work;
	s32 pages_wanted;
	struct workqueue_struct *wq;
	struct cx6dx_caps caps;
	int num_vectors;
	u32 pdn;
	u32 tdn;
	u32 mkey;
	u32 q_counter;
	char fw_version[24];
	char psid[17];
	struct cx6dx_model_name *model_names;
	u32 num_model_names;
};

/* ---- completion queues, send queues, receive queues ---- */

struct cx6dx_cq {
	struct cx6dx_buf buf;
	struct cx6dx_dbrec db;
	u32 cc;
	u32 mask;
	u8 log_size;
	u8 arm_sn;
	u32 cqn;
};

/* What a send WQE holds until it completes, by the index of its first BB */
enum cx6dx_tx_kind {
	CX6DX_TX_NONE,		/* parameters, padding */
	CX6DX_TX_SKB,
	CX6DX_TX_DUMP,
};

struct cx6dx_tx_wqe {
	union {
		struct sk_buff *skb;
		struct page *page;	/* held, for DUMP */
	};
	u32 bytes;
	u8 kind;
	u8 num_bbs;
	u8 first_seg;		/* data segments, in 16-byte units */
	u8 num_segs;
};

struct cx6dx_sq_stats {
	u64_stats_t packets;
	u64_stats_t bytes;
	u64_stats_t tso_packets;
	u64_stats_t csum_partial;
	u64_stats_t vlan_insert;
	u64_stats_t stopped;
	u64_stats_t woken;
	u64_stats_t dropped;
	u64_stats_t doorbells;
	u64_stats_t cqes;
	u64_stats_t tls_encrypted_packets;
	u64_stats_t tls_encrypted_bytes;
	u64_stats_t tls_ooo;
	u64_stats_t tls_dump_packets;
	u64_stats_t tls_dump_bytes;
	u64_stats_t tls_skip_no_sync_data;
	u64_stats_t tls_drop_no_sync_data;
	u64_stats_t tls_drop_bypass_req;
	struct u64_stats_sync syncp;
};

struct cx6dx_rq_stats {
	u64_stats_t packets;
	u64_stats_t bytes;
	u64_stats_t csum_unnecessary;
	u64_stats_t csum_none;
	u64_stats_t hw_gro_packets;
	u64_stats_t hw_gro_bytes;
	u64_stats_t hw_gro_wire_packets;
	u64_stats_t vlan_stripped;
	u64_stats_t copied;
	u64_stats_t alloc_failed;
	u64_stats_t dropped;
	u64_stats_t polls;
	u64_stats_t arms;
	u64_stats_t tls_decrypted_packets;
	u64_stats_t tls_decrypted_bytes;
	u64_stats_t tls_resync_req_pkt;
	u64_stats_t tls_resync_req_start;
	u64_stats_t tls_resync_req_end;
	u64_stats_t tls_resync_req_skip;
	u64_stats_t tls_resync_res_ok;
	u64_stats_t tls_resync_res_retry;
	u64_stats_t tls_resync_res_skip;
	u64_stats_t tls_err;
	struct u64_stats_sync syncp;
};

struct cx6dx_sq {
	struct cx6dx_channel *ch;
	struct netdev_queue *txq;
	struct device *dev;
	u8 __iomem *doorbell;
	u8 *buf_va;
	u32 mask;
	u32 lkey;
	u32 sqn;
	u32 dump_bytes;		/* longest DUMP */
	u16 stop_room;
	u16 ix;
	u8 vlan_insert;
	/* producer, under the queue's xmit lock */
	u16 pi;
	u16 unrung;		/* WQEBBs posted since the last doorbell */
	u8 *last_wqe;
	struct cx6dx_sq_stats *stats;
	struct cx6dx_dbrec db;
	struct cx6dx_tx_wqe *wqe;
	/* consumer, under NAPI */
	u16 cc ____cacheline_aligned_in_smp;
	struct cx6dx_buf buf;
};

/*
 * Internal queue of a channel, for the parameters of TLS receive contexts.  The
 * structure outlives the channel, so that anybody may try to post at any time.
 */
enum cx6dx_ico_kind {
	CX6DX_ICO_NONE,
	CX6DX_ICO_SETUP,	/* progress parameters of a new context */
	CX6DX_ICO_GET_PSV,
	CX6DX_ICO_RESYNC,	/* static parameters that answer a request */
};

struct cx6dx_ktls_rx;

struct cx6dx_ico_wqe {
	struct cx6dx_ktls_rx *rx;	/* holds a reference */
	u8 kind;
	u8 num_bbs;
};

struct cx6dx_icosq {
	spinlock_t lock;	/* producer, retry */
	bool up;
	struct list_head retry;	/* answers that found the queue full */
	struct cx6dx_rq_stats *stats;
	struct cx6dx_dev *cdev;
	struct cx6dx_ico_wqe *wqe;
	u32 sqn;
	u16 pi;
	u16 cc;
	struct cx6dx_dbrec db;
	struct cx6dx_buf buf;
};

struct cx6dx_rx_slot {
	struct page *page[CX6DX_MAX_RX_SEGS];
	u16 offset;		/* of the buffer in page[0] */
	u8 missing;		/* so many of the first pages are not there */
};

struct cx6dx_rq {
	struct page_pool *pool;		/* of the first buffers */
	struct page_pool *page_pool;	/* of the pages behind them, if any */
	struct device *dev;
	u8 *buf_va;
	struct cx6dx_rx_slot *slot;
	struct cx6dx_dbrec db;
	u32 mask;
	u32 lkey;
	u16 pi;
	u16 cc;
	u16 headroom;
	bool linear;		/* the buffer becomes the skb */
	u16 buf_bytes;		/* then: of a whole or half page */
	u8 num_segs;
	u8 log_stride;
	u32 seg_bytes;		/* of the first buffer; others are pages */
	u32 room;		/* of all of a WQE */
	u32 rqn;
	struct cx6dx_rq_stats *stats;
	struct cx6dx_buf buf;
};

/* One interrupt, one CQ, one NAPI, and the queues that complete there */
struct cx6dx_channel {
	struct napi_struct napi;
	struct cx6dx_priv *priv;
	struct cx6dx_dev *cdev;
	struct net_device *netdev;
	int ix;
	int cpu;
	struct cx6dx_cq cq;
	struct cx6dx_rq rq;
	struct cx6dx_sq sq;
	struct cx6dx_icosq *ico;
	struct cx6dx_eq eq;
};

/* ---- flow steering (cx6dx_fs.c) ---- */

#define CX6DX_FS_MACS		126
#define CX6DX_FS_TLS_RULES	8192

struct cx6dx_fs_mac {
	u8 addr[ETH_ALEN];
	bool used;
	bool keep;
};

struct cx6dx_fs {
	struct mutex lock;	/* rules of the L2 table */
	u32 l2_table;
	u32 l2_exact_group;
	u32 l2_multi_group;
	u32 l2_all_group;
	u32 steer_table;
	u32 tls_group[2];	/* IPv4, IPv6 */
	u32 proto_group;
	u32 version_group;
	u32 any_group;
	struct cx6dx_fs_mac mac[CX6DX_FS_MACS];
	bool allmulti;
	bool promisc;
	struct ida tls_ida[2];
};

/* Exact match of one TCP connection, addresses and ports as in the packet */
struct cx6dx_fs_tuple {
	bool ipv6;
	__be16 sport;
	__be16 dport;
	union {
		__be32 v4;
		struct in6_addr v6;
	} saddr, daddr;
};

/* ---- the port's net_device ---- */

enum {
	CX6DX_TT_TCP4,
	CX6DX_TT_TCP6,
	CX6DX_TT_UDP4,
	CX6DX_TT_UDP6,
	CX6DX_TT_IP4,
	CX6DX_TT_IP6,
	CX6DX_TT_NUM,
};

struct cx6dx_params {
	u32 rq_entries;
	u32 sq_entries;
	u16 num_channels;
	u16 cq_usecs;
	u16 cq_frames;
	u16 mtu;
	bool vlan_strip;
	bool hw_gro;
};

struct cx6dx_chan_stats {
	struct cx6dx_sq_stats sq;
	struct cx6dx_rq_stats rq;
};

/* Device-wide TLS counters */
struct cx6dx_tls_stats {
	atomic64_t tx_ctx;
	atomic64_t tx_del;
	atomic64_t tx_pool_alloc;
	atomic64_t tx_pool_free;
	atomic64_t rx_ctx;
	atomic64_t rx_del;
};

struct cx6dx_ktls;

/* Private flags of ethtool, by bit; at most one of the two is set */
#define CX6DX_PFLAG_RX_RESYNC_DRIVER_REQ	BIT(0)
#define CX6DX_PFLAG_RX_RESYNC_NEXT_HINT		BIT(1)

#define CX6DX_RSS_ENTRIES	128

struct cx6dx_priv {
	struct net_device *netdev;
	struct cx6dx_dev *cdev;
	struct cx6dx_channel **ch;	/* num_channels of them while open */
	struct cx6dx_sq *txsq[CX6DX_MAX_CHANNELS];
	struct cx6dx_params params;
	struct cx6dx_params open_params;
	int max_channels;
	bool opened;
	u32 epoch;		/* of the send queues: grows with each open */
	u32 tisn;
	u32 rqt_rss;
	u32 rqt_direct[CX6DX_MAX_CHANNELS];
	u32 rqt_size;
	u16 indir[CX6DX_RSS_ENTRIES];	/* channel numbers, rqt_size */
	bool own_indir;		/* the user's, not the default */
	u32 tir_rss[CX6DX_TT_NUM];
	u32 tir_any;
	u8 hash_key[CX6DX_AREA_BYTES(tirc, rx_hash_toeplitz_key)];
	struct cx6dx_cq drop_cq;
	struct cx6dx_rq drop_rq;
	struct cx6dx_fs fs;
	struct work_struct rx_mode_work;
	struct work_struct link_work;
	struct work_struct restart_work;
	u32 msg_enable;
	u32 priv_flags;		/* CX6DX_PFLAG_* */
	u64 restarts;
	struct cx6dx_tls_stats tls_stats;
	struct cx6dx_ktls *ktls;
	struct cx6dx_icosq ico[CX6DX_MAX_CHANNELS];
	struct cx6dx_chan_stats stats[CX6DX_MAX_CHANNELS];
};

/* ---- small helpers ---- */

static inline void cx6dx_uar_write32(u8 __iomem *addr, u32 v)
{
	writel(le32_to_cpu((__force __le32)cpu_to_be32(v)), addr);
}

/* Eight bytes as they lie in memory; on 32-bit machines the first four first */
static inline void cx6dx_uar_write64(u8 __iomem *addr, const u8 *bytes)
{
	writeq(le64_to_cpup((const __le64 *)bytes), addr);
}

/* One store of a doorbell record's word */
static inline void cx6dx_db_store(u8 *word, u32 v)
{
	WRITE_ONCE(*(__be32 *)word, cpu_to_be32(v));
}

static inline bool cx6dx_room(u16 pi, u16 cc, u32 mask, u16 n)
{
	return (u16)(pi - cc) + n <= mask + 1;
}

#define cx6dx_stat_add(s, field, n)			\
	do {						\
		u64_stats_update_begin(&(s)->syncp);	\
		u64_stats_add(&(s)->field, (n));	\
		u64_stats_update_end(&(s)->syncp);	\
	} while (0)
#define cx6dx_stat_inc(s, field) cx6dx_stat_add(s, field, 1)

/* ---- cx6dx_cmd.c ---- */

int cx6dx_cmd_init(struct cx6dx_dev *cdev);
void cx6dx_cmd_cleanup(struct cx6dx_dev *cdev);
int cx6dx_cmd_exec(struct cx6dx_dev *cdev, void *in, size_t inlen,
		   void *out, size_t outlen);
int cx6dx_cmd_simple(struct cx6dx_dev *cdev, u16 opcode, u32 number);
int cx6dx_cmd_create(struct cx6dx_dev *cdev, u16 opcode, void *in,
		     size_t inlen, u32 *number);
void cx6dx_cmd_events(struct cx6dx_dev *cdev, bool on);
void cx6dx_cmd_complete(struct cx6dx_dev *cdev, u32 vector);

/* ---- cx6dx_pages.c ---- */

int cx6dx_pages_satisfy(struct cx6dx_dev *cdev, u16 op_mod);
void cx6dx_pages_request(struct cx6dx_dev *cdev, s32 count);
void cx6dx_pages_reclaim(struct cx6dx_dev *cdev);

/* ---- cx6dx_eq.c ---- */

int cx6dx_async_eq_create(struct cx6dx_dev *cdev);
void cx6dx_async_eq_destroy(struct cx6dx_dev *cdev);
void cx6dx_async_eq_recover(struct cx6dx_dev *cdev);
int cx6dx_comp_eq_create(struct cx6dx_channel *ch);
void cx6dx_comp_eq_destroy(struct cx6dx_channel *ch);

/* ---- cx6dx_obj.c ---- */

int cx6dx_buf_alloc(struct cx6dx_dev *cdev, struct cx6dx_buf *buf,
		    size_t bytes);
void cx6dx_buf_free(struct cx6dx_dev *cdev, struct cx6dx_buf *buf);
unsigned int cx6dx_buf_pages(const struct cx6dx_buf *buf);
void cx6dx_buf_fill_pas(const struct cx6dx_buf *buf, u8 *pas);
int cx6dx_dbrec_alloc(struct cx6dx_dev *cdev, struct cx6dx_dbrec *db);
void cx6dx_dbrec_free(struct cx6dx_dev *cdev, struct cx6dx_dbrec *db);
int cx6dx_mkey_create(struct cx6dx_dev *cdev, u32 *mkey);
int cx6dx_cq_create(struct cx6dx_dev *cdev, struct cx6dx_cq *cq,
		    unsigned int entries, u8 eqn,
		    const struct cx6dx_params *params);
void cx6dx_cq_destroy(struct cx6dx_dev *cdev, struct cx6dx_cq *cq);
int cx6dx_cq_moderate(struct cx6dx_dev *cdev, u32 cqn, u16 usecs, u16 frames);
int cx6dx_sq_create_cmd(struct cx6dx_dev *cdev, const struct cx6dx_buf *buf,
			dma_addr_t db, u8 log_size, u32 cqn, u32 tisn,
			u32 *sqn);
int cx6dx_rq_create_cmd(struct cx6dx_dev *cdev, const struct cx6dx_rq *rq,
			u8 log_size, u32 cqn, bool vlan_strip, u32 *rqn);
int cx6dx_queue_ready(struct cx6dx_dev *cdev, u16 opcode, u32 number);
int cx6dx_tis_create(struct cx6dx_dev *cdev, bool tls, u32 *tisn);
int cx6dx_rqt_create(struct cx6dx_dev *cdev, u32 size, u32 rqn, u32 *rqtn);
int cx6dx_rqt_modify(struct cx6dx_dev *cdev, u32 rqtn, const u32 *rqns,
		     u32 count);
int cx6dx_tir_set_hash(struct cx6dx_dev *cdev, u32 tirn, int traffic_type,
		       const u8 *hash_key);
int cx6dx_tir_set_gro(struct cx6dx_dev *cdev, u32 tirn, u32 gro_bytes);
int cx6dx_tir_create(struct cx6dx_dev *cdev, u32 rqtn, int traffic_type,
		     const u8 *hash_key, bool tls, u32 gro_bytes, u32 *tirn);
int cx6dx_dek_create(struct cx6dx_dev *cdev, const u8 *key, size_t key_bytes,
		     u32 *dek);
int cx6dx_dek_destroy(struct cx6dx_dev *cdev, u32 dek);

/* ---- cx6dx_fs.c ---- */

int cx6dx_fs_create(struct cx6dx_priv *priv);
void cx6dx_fs_destroy(struct cx6dx_priv *priv);
void cx6dx_fs_sync_rx_mode(struct cx6dx_priv *priv);
int cx6dx_fs_tls_add(struct cx6dx_priv *priv,
		     const struct cx6dx_fs_tuple *tuple, u32 tirn, u32 tag,
		     u32 *rule);
void cx6dx_fs_tls_del(struct cx6dx_priv *priv, u32 rule);

/* ---- cx6dx_port.c ---- */

#define CX6DX_REG_MAX_BYTES	0x100

int cx6dx_reg_access(struct cx6dx_dev *cdev, u16 reg, bool write, void *data,
		     size_t bytes);
int cx6dx_port_set_admin(struct cx6dx_dev *cdev, bool up);
int cx6dx_port_set_mtu(struct cx6dx_dev *cdev, u16 hw_mtu);
int cx6dx_port_max_mtu(struct cx6dx_dev *cdev, u16 *hw_mtu);
int cx6dx_port_get_pause(struct cx6dx_dev *cdev, bool *rx, bool *tx);
int cx6dx_port_set_pause(struct cx6dx_dev *cdev, bool rx, bool tx);
int cx6dx_port_link_up(struct cx6dx_dev *cdev, bool *up);
int cx6dx_port_mac(struct cx6dx_dev *cdev, u8 *mac);
int cx6dx_port_out_of_buffer(struct cx6dx_dev *cdev, u32 *count);

/* ---- cx6dx_model.c ---- */

int cx6dx_model_init(struct cx6dx_dev *cdev);
void cx6dx_model_strings(struct cx6dx_dev *cdev, u8 *data);
void cx6dx_model_stats(struct cx6dx_dev *cdev, u64 *data);

/* ---- cx6dx_netdev.c ---- */

extern const struct ethtool_ops cx6dx_ethtool_ops;
int cx6dx_netdev_create(struct cx6dx_dev *cdev);
void cx6dx_netdev_destroy(struct cx6dx_dev *cdev);
int cx6dx_netdev_reopen(struct cx6dx_priv *priv,
			const struct cx6dx_params *params);
void cx6dx_netdev_restart(struct cx6dx_priv *priv);
void cx6dx_netdev_link_event(struct cx6dx_dev *cdev);

/* ---- cx6dx_channel.c ---- */

int cx6dx_channels_open(struct cx6dx_priv *priv,
			const struct cx6dx_params *params);
void cx6dx_channels_activate(struct cx6dx_priv *priv);
void cx6dx_channels_deactivate(struct cx6dx_priv *priv);
void cx6dx_channels_close(struct cx6dx_priv *priv);
void cx6dx_cq_arm(struct cx6dx_channel *ch);

/* ---- cx6dx_tx.c ---- */

int cx6dx_sq_open(struct cx6dx_channel *ch, const struct cx6dx_params *params);
void cx6dx_sq_close(struct cx6dx_channel *ch);
netdev_tx_t cx6dx_xmit(struct sk_buff *skb, struct net_device *netdev);
void cx6dx_sq_complete(struct cx6dx_sq *sq, u16 wqe_counter, int budget);
u8 *cx6dx_sq_reserve(struct cx6dx_sq *sq, u16 num_bbs);
void cx6dx_sq_post(struct cx6dx_sq *sq, u8 *wqe, u8 opmod, u8 opcode, u8 ds,
		   u8 fence, u32 general_id);
void cx6dx_sq_post_nop(struct cx6dx_sq *sq, u8 fence);
struct cx6dx_tx_wqe *cx6dx_sq_slot(struct cx6dx_sq *sq);

static inline void cx6dx_put_data_seg(u8 *seg, u32 bytes, u32 lkey, u64 addr)
{
	CX6DX_PUT_WORD(wqe_data, seg, byte_count, bytes);
	CX6DX_PUT_WORD(wqe_data, seg, lkey, lkey);
	CX6DX_PUT_WORDS(wqe_data, seg, addr, addr);
}

/* ---- cx6dx_rx.c ---- */

int cx6dx_rq_open(struct cx6dx_channel *ch, const struct cx6dx_params *params);
void cx6dx_rq_close(struct cx6dx_channel *ch);
void cx6dx_rx_complete(struct cx6dx_channel *ch, const u8 *cqe);
bool cx6dx_rq_fill(struct cx6dx_rq *rq);
u32 cx6dx_rq_gro_bytes(const struct cx6dx_params *params);

#endif /* CX6DX_H */
