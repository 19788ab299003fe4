/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * What a packet on the wire carries: connections, streams, TLS records
 *
 * Reads frames as they are sent; whether they then arrive is not known here.
 */
#include "qemu/osdep.h"
#include "pure/frame.h"
#include "pure/impair_seen.h"
#include "pure/impair_view.h"
#include "pure/record.h"
#include "pure/tcp_sn.h"

enum {
    TCP_FIN = 0x01,
    TCP_SYN = 0x02,
    TCP_ACK = 0x10,
    RECORD_MAX_LENGTH = 16384 + 2048,   /* RFC 5246, 6.2.3 */
    EARLY_MAX_BYTES = 256 << 10,        /* of a stream */
    EARLY_MAX_TOTAL = 16 << 20,
    EARLY_COST = 64,                    /* of one piece, beside its bytes */
    CLIENT = 0,
    SERVER = 1,
};

/* Both ends of a connection, the smaller one first */
typedef struct ConnKey {
    uint8_t addr[2][16];
    uint16_t port[2];
    uint16_t vlan;
    uint16_t zero;              /* no padding: compared as bytes */
} ConnKey;

/* Payload behind a hole that has swallowed a header */
typedef struct Early {
    int64_t start, end;
    uint8_t bytes[];
} Early;

typedef struct Stream {
    bool based;                 /* ref_sn is valid */
    uint32_t ref_sn;            /* number of the byte at ref */
    int64_t ref;
    uint32_t packets;
    Cx6dxImpairSeen seen;

    /* records */
    bool tls;                   /* head_at is where a header begins */
    bool encrypted;             /* ChangeCipherSpec has passed */
    bool offload;
    int64_t offload_start;
    int64_t head_at;
    uint8_t head[CX6DX_RECORD_HDR_BYTES];
    unsigned head_bytes;        /* of the header at head_at */
    uint32_t tls_number;        /* of the last record */
    uint32_t number;
    Cx6dxImpairRecord *records;
    unsigned nrecords;
    GQueue early;
    size_t early_bytes;
} Stream;

typedef struct Conn {
    ConnKey key;
    GList link;                 /* in View.recent */
    Cx6dxImpairView *view;
    uint32_t number;
    unsigned client;            /* index of its end in the key */
    Stream streams[2];          /* by index of the sender in the key */
} Conn;

struct Cx6dxImpairView {
    GHashTable *conns;          /* Conn.key -> Conn */
    GQueue recent;              /* silent longest at the head */
    uint32_t next_number;
    size_t early_bytes;         /* of all streams */
    Cx6dxImpairViewStats stats;
};

/* ---- Connections ---- */

static guint key_hash(gconstpointer p)
{
    const uint8_t *bytes = p;
    uint32_t h = 2166136261u;
    size_t i;

    for (i = 0; i < sizeof(ConnKey); i++) {
        h = (h ^ bytes[i]) * 16777619u;
    }
    return h;
}

static gboolean key_equal(gconstpointer a, gconstpointer b)
{
    return !memcmp(a, b, sizeof(ConnKey));
}

static void early_drop(Cx6dxImpairView *view, Stream *s, GList *link)
{
    Early *early = link->data;
    size_t cost = EARLY_COST + (size_t)(early->end - early->start);

    s->early_bytes -= cost;
    view->early_bytes -= cost;
    g_queue_delete_link(&s->early, link);
    g_free(early);
}

static void early_clear(Cx6dxImpairView *view, Stream *s)
{
    while (s->early.head) {
        early_drop(view, s, s->early.head);
    }
}

static void conn_clear(Conn *conn)
{
    unsigned i;

    for (i = 0; i < 2; i++) {
        early_clear(conn->view, &conn->streams[i]);
        cx6dx_impair_seen_clear(&conn->streams[i].seen);
        g_free(conn->streams[i].records);
    }
    memset(conn->streams, 0, sizeof(conn->streams));
}

static void conn_free(gpointer p)
{
    conn_clear(p);
    g_free(p);
}

Cx6dxImpairView *cx6dx_impair_view_new(void)
{
    Cx6dxImpairView *view = g_new0(Cx6dxImpairView, 1);

    view->conns = g_hash_table_new_full(key_hash, key_equal, NULL, conn_free);
    g_queue_init(&view->recent);
    view->next_number = 1;
    return view;
}

void cx6dx_impair_view_free(Cx6dxImpairView *view)
{
    if (view) {
        g_hash_table_destroy(view->conns);
        g_free(view);
    }
}

void cx6dx_impair_view_restart(Cx6dxImpairView *view)
{
    GList *link;

    for (link = view->recent.head; link; link = link->next) {
        ((Conn *)link->data)->number = 0;
    }
    view->next_number = 1;
}

const Cx6dxImpairViewStats *
cx6dx_impair_view_stats(const Cx6dxImpairView *view)
{
    return &view->stats;
}

/* Index of the sender in the key */
static unsigned make_key(const Cx6dxFrame *frame, ConnKey *key)
{
    int order = memcmp(frame->saddr, frame->daddr, sizeof(frame->saddr));
    unsigned sender;

    if (!order) {
        order = (int)frame->sport - (int)frame->dport;
    }
    sender = order > 0;
    memset(key, 0, sizeof(*key));
    memcpy(key->addr[sender], frame->saddr, sizeof(frame->saddr));
    memcpy(key->addr[!sender], frame->daddr, sizeof(frame->daddr));
    key->port[sender] = frame->sport;
    key->port[!sender] = frame->dport;
    key->vlan = frame->cvlan || frame->svlan ? frame->vlan_tci & 0xfff : 0xffff;
    return sender;
}

static bool is_syn(const Cx6dxFrame *frame, bool ack)
{
    return (frame->tcp_flags & (TCP_SYN | TCP_ACK)) ==
           (TCP_SYN | (ack ? TCP_ACK : 0));
}

/* A connection begins: also where an old one had the same ends */
static void conn_begin(Cx6dxImpairView *view, Conn *conn, unsigned client)
{
    conn_clear(conn);
    conn->client = client;
    conn->number = view->next_number;
    view->next_number += view->next_number < UINT32_MAX;
    view->stats.connections++;
}

static Conn *find_conn(Cx6dxImpairView *view, const Cx6dxFrame *frame,
                       unsigned *sender)
{
    ConnKey key;
    Conn *conn;

    *sender = make_key(frame, &key);
    conn = g_hash_table_lookup(view->conns, &key);
    if (conn) {
        Stream *s = &conn->streams[*sender];

        g_queue_unlink(&view->recent, &conn->link);
        /* a SYN that is no repeat of the one before */
        if (is_syn(frame, false) &&
            !(s->based &&
              s->ref + cx6dx_tcp_sn_diff(frame->tcp_sn + 1, s->ref_sn) == 0)) {
            conn_begin(view, conn, *sender);
        }
    } else {
        if (g_hash_table_size(view->conns) == CX6DX_IMPAIR_MAX_CONNS) {
            Conn *oldest = g_queue_pop_head_link(&view->recent)->data;

            g_hash_table_remove(view->conns, &oldest->key);
            view->stats.connections_forgotten++;
        }
        conn = g_new0(Conn, 1);
        conn->key = key;
        conn->view = view;
        conn->link.data = conn;
        conn_begin(view, conn, is_syn(frame, true) ? !*sender : *sender);
        g_hash_table_insert(view->conns, &conn->key, conn);
    }
    g_queue_push_tail_link(&view->recent, &conn->link);
    return conn;
}

/* ---- Records of a stream ---- */

/* Whether the first `n` bytes of a header can be such */
static bool head_plausible(const uint8_t *head, unsigned n)
{
    unsigned length;

    if (n >= 1 && (head[0] < CX6DX_IMPAIR_TLS_CCS ||
                   head[0] > CX6DX_IMPAIR_TLS_DATA)) {
        return false;
    }
    if ((n >= 2 && head[1] != 3) || (n >= 3 && head[2] > 4)) {
        return false;
    }
    if (n < CX6DX_RECORD_HDR_BYTES) {
        return true;
    }
    length = head[3] << 8 | head[4];
    return length > 0 && length <= RECORD_MAX_LENGTH;
}

/* The first byte of a header is there: the record has its numbers */
static void record_begin(Stream *s)
{
    Cx6dxImpairRecord *r;

    if (!s->records) {
        s->records = g_new(Cx6dxImpairRecord, CX6DX_IMPAIR_MAX_RECORDS);
    }
    if (s->nrecords == CX6DX_IMPAIR_MAX_RECORDS) {
        s->nrecords /= 2;
        memmove(s->records, s->records + s->nrecords,
                s->nrecords * sizeof(*s->records));
    }
    if (s->head[0] == CX6DX_IMPAIR_TLS_DATA && !s->offload) {
        s->offload = true;
        s->offload_start = s->head_at;
    }
    r = &s->records[s->nrecords++];
    *r = (Cx6dxImpairRecord) {
        .start = s->head_at,
        .tls_number = ++s->tls_number,
        .number = s->offload ? ++s->number : 0,
        .type = s->head[0],
        .has_tag = s->encrypted || s->offload,
    };
}

/* The header that had begun is none: the stream is not made of records (now) */
static void record_give_up(Cx6dxImpairView *view, Stream *s)
{
    s->tls = false;
    if (s->head_bytes && s->nrecords) {
        s->nrecords--;
        s->tls_number--;
        s->number -= s->offload;
        if (s->offload && s->offload_start == s->head_at) {
            s->offload = false;
            s->number = 0;
        }
    }
    view->stats.records_lost++;
}

static void record_whole(Cx6dxImpairView *view, Stream *s)
{
    Cx6dxImpairRecord *r = &s->records[s->nrecords - 1];

    r->bytes = CX6DX_RECORD_HDR_BYTES + (s->head[3] << 8 | s->head[4]);
    r->has_tag &= r->bytes >= CX6DX_RECORD_HDR_BYTES + CX6DX_RECORD_TAG_BYTES;
    s->encrypted |= r->type == CX6DX_IMPAIR_TLS_CCS;
    s->head_at += r->bytes;
    s->head_bytes = 0;
    view->stats.records++;
}

/* Takes headers out of [start, end) of the stream, as far as it is new */
static void read_heads(Cx6dxImpairView *view, Stream *s,
                       const uint8_t *payload, int64_t start, int64_t end)
{
    int64_t at;

    while (s->tls && (at = s->head_at + s->head_bytes) >= start && at < end) {
        s->head[s->head_bytes] = payload[at - start];
        if (!head_plausible(s->head, s->head_bytes + 1)) {
            record_give_up(view, s);
            return;
        }
        if (s->head_bytes++ == 0) {
            record_begin(s);
        }
        if (s->head_bytes == CX6DX_RECORD_HDR_BYTES) {
            record_whole(view, s);
        }
    }
}

/* Behind a hole that has swallowed a header nothing can be said: keep it */
static void early_keep(Cx6dxImpairView *view, Stream *s,
                       const uint8_t *payload, int64_t start, size_t len)
{
    size_t cost = EARLY_COST + len;
    Early *early;

    if (s->early_bytes + cost > EARLY_MAX_BYTES ||
        view->early_bytes + cost > EARLY_MAX_TOTAL) {
        return;
    }
    early = g_malloc(sizeof(*early) + len);
    early->start = start;
    early->end = start + (int64_t)len;
    memcpy(early->bytes, payload, len);
    s->early_bytes += cost;
    view->early_bytes += cost;
    g_queue_push_tail(&s->early, early);
}

/* The hole is closed, at least where the header is: go on behind it */
static void early_read(Cx6dxImpairView *view, Stream *s)
{
    GList *link = s->early.head;

    while (link) {
        const Early *early = link->data;
        int64_t at = s->head_at + s->head_bytes;

        if (!s->tls) {
            early_clear(view, s);
            return;
        }
        if (at < early->start) {
            link = link->next;
            continue;
        }
        read_heads(view, s, early->bytes, early->start, early->end);
        early_drop(view, s, link);
        link = s->early.head;       /* any other one may be next */
    }
}

static void follow_records(Cx6dxImpairView *view, Stream *s,
                           const uint8_t *payload, int64_t start, size_t len)
{
    if (!s->tls) {
        /* only in what was never seen; a repeat is no beginning */
        if (s->tls_number && start < s->head_at) {
            return;
        }
        if (!head_plausible(payload, MIN(len, CX6DX_RECORD_HDR_BYTES))) {
            return;
        }
        s->tls = true;
        s->head_at = start;
        s->head_bytes = 0;
    }
    if (start > s->head_at + s->head_bytes) {
        early_keep(view, s, payload, start, len);
        return;
    }
    read_heads(view, s, payload, start, start + (int64_t)len);
    early_read(view, s);
}

/* What of the record is known to be there */
static int64_t record_end(const Cx6dxImpairRecord *r)
{
    return r->start + (r->bytes ? r->bytes : CX6DX_RECORD_HDR_BYTES);
}

static void find_records(const Stream *s, Cx6dxImpairSight *sight)
{
    unsigned end = s->nrecords, first;

    if (sight->start >= sight->end) {
        return;
    }
    while (end && s->records[end - 1].start >= sight->end) {
        end--;
    }
    first = end;
    while (first && record_end(&s->records[first - 1]) > sight->start) {
        first--;
    }
    if (first < end) {
        sight->records = s->records + first;
        sight->nrecords = end - first;
    }
}

/* ---- Packets ---- */

/* Offset of the first byte behind the packet's SYN, if it has one */
static int64_t place(Stream *s, const Cx6dxFrame *frame)
{
    bool syn = frame->tcp_flags & TCP_SYN;
    uint32_t sn = frame->tcp_sn + syn;
    int64_t at;

    if (!s->based) {
        s->based = true;
        s->ref_sn = sn;
    }
    at = s->ref + cx6dx_tcp_sn_diff(sn, s->ref_sn);
    if (at > s->ref) {
        s->ref = at;
        s->ref_sn = sn;
    }
    return at;
}

static void look_at_tcp(Cx6dxImpairView *view, const uint8_t *buf,
                        Cx6dxImpairSight *sight)
{
    const Cx6dxFrame *frame = &sight->frame;
    bool syn = frame->tcp_flags & TCP_SYN;
    bool fin = frame->tcp_flags & TCP_FIN;
    unsigned sender;
    Conn *conn = find_conn(view, frame, &sender);
    Stream *s = &conn->streams[sender];

    sight->conn = conn->number;
    sight->from_client = sender == conn->client;
    s->packets += s->packets < UINT32_MAX;
    sight->nth = s->packets;
    sight->start = place(s, frame);
    sight->end = sight->start + frame->payload_bytes;
    sight->copy = 1 + cx6dx_impair_seen_add(&s->seen, sight->start - syn,
                                            sight->end + fin);
    if (frame->payload_bytes) {
        follow_records(view, s, buf + frame->payload_off, sight->start,
                       frame->payload_bytes);
    }
    sight->offload = s->offload;
    sight->offload_start = s->offload_start;
    find_records(s, sight);
}

bool cx6dx_impair_view_packet(Cx6dxImpairView *view, const uint8_t *buf,
                              size_t len, bool rx, Cx6dxImpairSight *sight)
{
    memset(sight, 0, sizeof(*sight));
    sight->rx = rx;
    if (!cx6dx_frame_parse(buf, len, &sight->frame)) {
        return false;
    }
    if (sight->frame.tcp) {
        look_at_tcp(view, buf, sight);
    }
    return true;
}
