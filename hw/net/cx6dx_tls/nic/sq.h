/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Send queues: life cycle, doorbells, fetching of work requests
 *
 *     RST -> RDY        MODIFY_SQ; indices start at 0
 *     RDY -> RDY        MODIFY_SQ; nothing but attributes changes
 *     RDY -> ERR        a broken work request, or MODIFY_SQ
 *     ERR -> RST, RDY -> RST    MODIFY_SQ
 *
 * Everything else is refused with BAD_RES_STATE.  DESTROY_SQ works in every
 * state and stops all at once.  In ERR, posted work requests are flushed with
 * error completions when flush_in_error asks for them.
 */
#ifndef CX6DX_NIC_SQ_H
#define CX6DX_NIC_SQ_H

#include "qemu/osdep.h"
#include "nic/cmd.h"
#include "nic/obj.h"
#include "nic/res.h"
#include "pure/tls_params.h"

typedef struct Cx6dxSq {
    Cx6dxObj obj;
    Cx6dxPageList pages;
    uint8_t log_wqebbs;
    uint8_t state;          /* CX6DX_QUEUE_* */
    uint32_t cqn;
    uint32_t pdn;
    uint32_t tisn;          /* default TIS, 0: none (ICOSQ) */
    uint32_t uar_page;
    uint64_t dbr_addr;
    bool reg_umr;
    bool flush_in_error;
    bool scheduled;         /* on the NIC's list of queues with work */
    uint16_t pc;            /* producer counter as read from the record */
    uint16_t cc;            /* next WQEBB to fetch */
    bool frozen;            /* by a fault: nothing is fetched */
    bool psv_held;          /* by a fault: `psv` answers the next GET_PSV */
    Cx6dxTlsProgress psv;
    /* Modelled times: of the doorbell that is served, when it allows to fetch,
       of the last completion on the link and in memory, of the last frame's
       end; and the operation that the doorbell began */
    uint64_t doorbell_ns, fetch_ns, done_ns, seen_ns, wire_ps, op;
} Cx6dxSq;

void cx6dx_sq_release(Cx6dxNic *nic, Cx6dxObj *obj);
void cx6dx_sq_archive(Cx6dxNic *nic, Cx6dxArchive *ar, Cx6dxObj *obj);
/* Queues with work, in their order */
void cx6dx_sq_archive_work(Cx6dxNic *nic, Cx6dxArchive *ar);

/* Doorbell on UAR `uar`: second word of the control segment names the queue */
void cx6dx_sq_doorbell(Cx6dxNic *nic, uint32_t uar, uint32_t ctrl_word1);

/*
 * Serves queues with work in turn until about `budget_bytes` were moved; true
 * when some have more.  While cx6dx_defer_room() says no nothing is fetched;
 * then cx6dx_defer_timer() asks for a kick when there is room again.
 */
bool cx6dx_sq_work(Cx6dxNic *nic, size_t budget_bytes);

/*
 * The same for a driver's internal queues alone, those that may register memory
 * (sqc.reg_umr).  Before commands: what such a queue was rung for before a command
 * names objects that this command may destroy.
 */
void cx6dx_sq_work_internal(Cx6dxNic *nic, size_t budget_bytes);

/* The end of sq->frozen */
void cx6dx_sq_thaw(Cx6dxNic *nic, uint32_t sqn);

/* `*when_ns` of a request that never completes */
#define CX6DX_SQ_NEVER UINT64_MAX

/* Error completion for the work request at `index`, and state ERR */
void cx6dx_sq_fail(Cx6dxNic *nic, Cx6dxSq *sq, uint8_t opcode, uint16_t index,
                   uint8_t syndrome);

uint8_t cx6dx_cmd_create_sq(Cx6dxNic *nic, Cx6dxCmd *cmd);
uint8_t cx6dx_cmd_modify_sq(Cx6dxNic *nic, Cx6dxCmd *cmd);
uint8_t cx6dx_cmd_destroy_sq(Cx6dxNic *nic, Cx6dxCmd *cmd);
uint8_t cx6dx_cmd_query_sq(Cx6dxNic *nic, Cx6dxCmd *cmd);

#endif
