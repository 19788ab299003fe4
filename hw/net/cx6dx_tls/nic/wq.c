/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * What send and receive queues have in common; see wq.h
 */
#include "qemu/osdep.h"
#include "nic/nic.h"
#include "nic/rq.h"
#include "nic/wq.h"

/* The queue context and the page list have the same places for SQ and RQ */
QEMU_BUILD_BUG_ON((int)CX6DX_OFF_(sqc, wq) != (int)CX6DX_OFF_(rqc, wq));

#define WQ_OFF (CX6DX_BYTES(create_obj_in) + CX6DX_OFF_(sqc, wq))
#define LIST_OFF (WQ_OFF + CX6DX_BYTES(wq))
#define DBR_ALIGN_MASK 7

/* Offsets of the two sizes of striding queues */
#define LOG_STRIDES_BASE 9
#define LOG_STRIDE_BYTES_BASE 6

/* The number of strides is a signed field of four bits */
static void parse_strides(const uint8_t *wq, Cx6dxWqInfo *info)
{
    const int max = CX6DX_FIELD_MAX(wq, log_wqe_num_of_strides);
    int log_strides = CX6DX_GET(wq, wq, log_wqe_num_of_strides);

    if (log_strides > max / 2) {
        log_strides -= max + 1;
    }
    info->log_strides = LOG_STRIDES_BASE + log_strides;
    info->log_stride_bytes = LOG_STRIDE_BYTES_BASE +
                             CX6DX_GET(wq, wq, log_wqe_stride_size);
}

static bool type_fits(const Cx6dxWqInfo *info, bool striding)
{
    if (info->type == CX6DX_WQ_LINKED_LIST_STRIDING) {
        return striding && info->log_stride == CX6DX_RQ_LOG_STRIDING_WQE;
    }
    return info->type == CX6DX_WQ_CYCLIC;
}

uint8_t cx6dx_wq_parse(Cx6dxNic *nic, Cx6dxCmd *cmd, uint8_t min_log_stride,
                       uint8_t max_log_stride, bool striding,
                       Cx6dxWqInfo *info)
{
    const uint8_t *wq = cmd->in + WQ_OFF;

    if (cmd->in_bytes < LIST_OFF) {
        return cx6dx_cmd_fail(cmd, CX6DX_STATUS_BAD_INP_LEN,
                              CX6DX_SYND_INPUT_LENGTH);
    }
    memset(info, 0, sizeof(*info));
    info->type = CX6DX_GET(wq, wq, wq_type);
    info->log_stride = CX6DX_GET(wq, wq, log_wq_stride);
    info->log_entries = CX6DX_GET(wq, wq, log_wq_sz);
    info->pdn = CX6DX_GET(wq, wq, pd);
    info->dbr_addr = CX6DX_GET64(wq, wq, dbr_addr);
    if (info->type == CX6DX_WQ_LINKED_LIST_STRIDING) {
        parse_strides(wq, info);
    }
    if (info->log_strides > CX6DX_RQ_MAX_LOG_STRIDES) {
        return cx6dx_cmd_fail(cmd, CX6DX_STATUS_BAD_PARAM,
                              CX6DX_SYND_QUEUE_SIZE);
    }
    if (!type_fits(info, striding) ||
        (info->dbr_addr & DBR_ALIGN_MASK)) {
        return cx6dx_cmd_fail(cmd, CX6DX_STATUS_BAD_PARAM, CX6DX_SYND_FIELD);
    }
    if (info->log_stride < min_log_stride ||
        info->log_stride > max_log_stride ||
        info->log_entries > CX6DX_LOG_MAX_QUEUE_ENTRIES) {
        return cx6dx_cmd_fail(cmd, CX6DX_STATUS_BAD_PARAM,
                              CX6DX_SYND_QUEUE_SIZE);
    }
    /* mlx5's drop RQ has no domain: no memory key will fit it */
    if (info->pdn && !cx6dx_obj_get(&nic->pds, info->pdn)) {
        return cx6dx_cmd_fail(cmd, CX6DX_STATUS_BAD_RES,
                              CX6DX_SYND_NO_SUCH_OBJECT);
    }
    if (!cx6dx_pages_init(&info->pages, cmd->in + LIST_OFF,
                          cmd->in_bytes - LIST_OFF,
                          1ull << (info->log_entries + info->log_stride),
                          CX6DX_GET(wq, wq, log_wq_pg_sz) + 12)) {
        return cx6dx_cmd_fail(cmd, CX6DX_STATUS_BAD_PARAM,
                              CX6DX_SYND_PAGE_LIST);
    }
    return CX6DX_STATUS_OK;
}

void cx6dx_wq_fill(uint8_t *wq, const Cx6dxWqInfo *info, uint16_t hw_counter,
                   uint16_t sw_counter)
{
    CX6DX_SET(wq, wq, wq_type, info->type);
    if (info->type == CX6DX_WQ_LINKED_LIST_STRIDING) {
        CX6DX_SET(wq, wq, log_wqe_num_of_strides,
                  (info->log_strides - LOG_STRIDES_BASE) &
                  CX6DX_FIELD_MAX(wq, log_wqe_num_of_strides));
        CX6DX_SET(wq, wq, log_wqe_stride_size,
                  info->log_stride_bytes - LOG_STRIDE_BYTES_BASE);
    }
    CX6DX_SET(wq, wq, pd, info->pdn);
    CX6DX_SET64(wq, wq, dbr_addr, info->dbr_addr);
    CX6DX_SET(wq, wq, hw_counter, hw_counter);
    CX6DX_SET(wq, wq, sw_counter, sw_counter);
    CX6DX_SET(wq, wq, log_wq_stride, info->log_stride);
    CX6DX_SET(wq, wq, log_wq_pg_sz, info->pages.log_page_bytes - 12);
    CX6DX_SET(wq, wq, log_wq_sz, info->log_entries);
}

bool cx6dx_wq_may_become(uint8_t from, uint8_t to)
{
    switch (from) {
    case CX6DX_QUEUE_RST:
        return to == CX6DX_QUEUE_RDY;
    case CX6DX_QUEUE_RDY:
        return to == CX6DX_QUEUE_RDY || to == CX6DX_QUEUE_ERR ||
               to == CX6DX_QUEUE_RST;
    case CX6DX_QUEUE_ERR:
        return to == CX6DX_QUEUE_RST;
    default:
        return false;
    }
}

void cx6dx_wq_archive_state(Cx6dxArchive *ar, uint8_t *state)
{
    cx6dx_ar(ar, state);
    cx6dx_ar_check(ar, *state == CX6DX_QUEUE_RST || *state == CX6DX_QUEUE_RDY ||
                       *state == CX6DX_QUEUE_ERR, "no queue has that state");
}
