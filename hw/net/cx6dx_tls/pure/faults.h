/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Faults that somebody asked the device to have: the table, and when each one
 * strikes
 *
 * A rule names a fault of the table and says at which of its occasions it fires:
 *
 *     RULE[;RULE...]       RULE := NAME[:KEY=VALUE...] | NAME:off | none
 *
 *     skip=N    let N occasions pass first (0)
 *     every=N   then fire at each N-th one (1)
 *     count=N   so many times; 0: without end (1)
 *     object=N  only at this object; 0: at any (0)
 *
 * and what is of the fault's own: delay= (ns, or with unit ns, us, ms, s),
 * opcode=, status=, syndrome=, gap=, record=.  `none` disarms all rules, `NAME:off` those
 * of one fault.  A rule that has fired as often as it may is gone.
 *
 * Where a fault may strike, the model asks cx6dx_faults_armed(), which costs one
 * test of a bit, and only then cx6dx_faults_fire().  Nothing here is random: the
 * same occasions give the same faults.
 */
#ifndef CX6DX_PURE_FAULTS_H
#define CX6DX_PURE_FAULTS_H

#include "qemu/osdep.h"
#include "pure/archive.h"

#define CX6DX_FAULT_MAX_RULES 32
#define CX6DX_FAULT_ANY_RECORD UINT64_MAX

/* Keys that only some faults have */
enum {
    CX6DX_FAULT_DELAY = 1 << 0,
    CX6DX_FAULT_OPCODE = 1 << 1,    /* in place of object */
    CX6DX_FAULT_STATUS = 1 << 2,    /* status and syndrome */
    CX6DX_FAULT_GAP = 1 << 3,
    CX6DX_FAULT_RECORD = 1 << 4,    /* only at the record with this number */
};

/* X(id, name, keys, occasion, what happens, which path of a driver it takes) */
#define CX6DX_FAULT_LIST(X)                                                    \
    X(TX_LOSE_STATE, "tx-lose-state", 0, "TLS packet to send",                 \
      "the TIS forgets where it is, drops this packet and what follows",       \
      "retransmission found out of order: new params and DUMPs")               \
    X(RX_LOSE_STATE, "rx-lose-state", 0, "TLS packet received",                \
      "the TIR forgets all, keys too: nothing is decrypted, nothing is asked", \
      "software decrypts to the end of the connection")                        \
    X(RX_FORCE_RESYNC, "rx-force-resync", 0, "TLS packet received",            \
      "the TIR trusts itself no more and looks for a header from here on",     \
      "resync request, GET_PSV, confirmation by static params")                \
    X(RX_FALSE_HEADER, "rx-false-header", CX6DX_FAULT_GAP,                     \
      "TLS packet received",                                                   \
      "the TIR takes a place without a header for one, and asks about it",     \
      "a request that the stack never answers, and the one after it")          \
    X(RX_ANSWER_LOST, "rx-answer-lost", 0, "answer to a resync",               \
      "the parameters are not taken",                                          \
      "a resync that the driver thinks is done; software decrypts on")         \
    X(RX_AUTH_FALSE_BAD, "rx-auth-false-bad", 0, "packet decrypted well",      \
      "it is passed on encrypted, with the mark of a failed authentication",   \
      "error mark in the CQE, then software decryption")                       \
    X(RX_AUTH_FALSE_GOOD, "rx-auth-false-good", 0, "record with a wrong tag",  \
      "its packet is marked as decrypted",                                     \
      "none: wrong bytes reach the reader, which a test must notice")          \
    X(GET_PSV_NEVER, "get-psv-never", 0, "GET_PSV",                            \
      "nothing is written and no completion comes",                            \
      "resync left open; its buffer when the connection ends")                 \
    X(GET_PSV_LATE, "get-psv-late", CX6DX_FAULT_DELAY, "GET_PSV",              \
      "the answer of now comes later; completions of the queue wait behind",   \
      "records counted while the answer is on its way; teardown meanwhile")    \
    X(GET_PSV_NOT_TRACKING, "get-psv-not-tracking", 0, "GET_PSV",              \
      "the answer says: searching, no offload",                                \
      "resync given up by the driver (tls_resync_req_skip)")                   \
    X(CACHE_EVICT, "cache-evict", 0, "TLS packet, either way",                 \
      "the cache of contexts is emptied first (timing=on)",                    \
      "none; the cost of a miss is paid")                                      \
    X(CMD_FAIL, "cmd-fail", CX6DX_FAULT_OPCODE | CX6DX_FAULT_STATUS,           \
      "command", "it is not executed and ends with status and syndrome",       \
      "unwinding of whatever asked for the command")                           \
    X(CQE_DROP, "cqe-drop", 0, "CQE", "it is not written",                     \
      "queue that stalls, or catches up with the next one; its watchdog")      \
    X(CQE_DELAY, "cqe-delay", CX6DX_FAULT_DELAY, "CQE",                        \
      "it is written later, and those of the CQ after it behind it",           \
      "late completion, full ring, teardown with work in flight")              \
    X(EQE_DROP, "eqe-drop", 0, "EQE", "it is not written",                     \
      "command or transmit timeout, recovery by polling")                      \
    X(EQE_DELAY, "eqe-delay", CX6DX_FAULT_DELAY, "EQE",                        \
      "its EQ takes no event for that time, then all of them",                 \
      "late events, several at one interrupt")                                 \
    X(IRQ_DROP, "irq-drop", 0, "MSI-X message", "it is not sent",              \
      "recovery of a lost interrupt: EQ polled after a timeout")               \
    X(IRQ_DELAY, "irq-delay", CX6DX_FAULT_DELAY, "MSI-X message",              \
      "it is sent later", "events seen before their interrupt")               \
    X(TX_STOP, "tx-stop", CX6DX_FAULT_RECORD, "record header sent",            \
      "the machine stops (STOP, state debug; an attached gdb is told)",        \
      "none; a look at driver, stack and device at this record")               \
    X(RX_STOP, "rx-stop", CX6DX_FAULT_RECORD, "record header received in sync",\
      "the machine stops (STOP, state debug; an attached gdb is told)",        \
      "none; a look at driver, stack and device at this record")

typedef enum Cx6dxFaultId {
#define CX6DX_FAULT_ENUM_(id, ...) CX6DX_FAULT_##id,
    CX6DX_FAULT_LIST(CX6DX_FAULT_ENUM_)
#undef CX6DX_FAULT_ENUM_
    CX6DX_FAULTS
} Cx6dxFaultId;

typedef struct Cx6dxFaultDesc {
    const char *name;
    uint32_t keys;
    const char *occasion;
    const char *what;
    const char *path;
} Cx6dxFaultDesc;

typedef struct Cx6dxFaultRule {
    Cx6dxFaultId id;
    uint32_t skip, every, count;
    uint32_t object;
    uint64_t delay_ns;
    uint8_t status;
    uint32_t syndrome;
    uint32_t gap;
    uint64_t record;                /* CX6DX_FAULT_ANY_RECORD: at each */
    uint64_t seen, fired;           /* occasions of its object */
} Cx6dxFaultRule;

/* Plain data.  All zeros: nothing armed. */
typedef struct Cx6dxFaults {
    uint32_t armed;                 /* a bit for each fault with a rule */
    bool holding;                   /* something is late: keep the order */
    unsigned n;
    Cx6dxFaultRule rules[CX6DX_FAULT_MAX_RULES];
    uint64_t seen[CX6DX_FAULTS];    /* occasions while armed */
    uint64_t fired[CX6DX_FAULTS];
} Cx6dxFaults;

const Cx6dxFaultDesc *cx6dx_fault_desc(Cx6dxFaultId id);

/*
 * Takes `spec` as described above, all of it or nothing.  NULL when it is well;
 * else what is wrong, for the caller to free.
 */
char *cx6dx_faults_set(Cx6dxFaults *faults, const char *spec);

/* What is armed, in the form that cx6dx_faults_set() takes; free it */
char *cx6dx_faults_str(const Cx6dxFaults *faults);

/* Rules armed for this fault */
unsigned cx6dx_faults_rules(const Cx6dxFaults *faults, Cx6dxFaultId id);

static inline bool cx6dx_faults_armed(const Cx6dxFaults *faults,
                                      Cx6dxFaultId id)
{
    return __builtin_expect(faults->armed, 0) && (faults->armed >> id & 1);
}

/*
 * An occasion of an armed fault at `object`.  True when it strikes: `*rule` is
 * a copy of the rule that says so, the oldest one if several do.
 */
bool cx6dx_faults_fire(Cx6dxFaults *faults, Cx6dxFaultId id, uint32_t object,
                       Cx6dxFaultRule *rule);

/* The same for a fault whose occasions are records: this one is `record` */
bool cx6dx_faults_fire_record(Cx6dxFaults *faults, Cx6dxFaultId id,
                              uint32_t object, uint64_t record,
                              Cx6dxFaultRule *rule);

/* Rules and counts; `holding` is the caller's */
void cx6dx_faults_archive(Cx6dxFaults *faults, Cx6dxArchive *ar);

#endif
