# SPDX-License-Identifier: GPL-2.0-or-later
"""Mutations of the device: mistakes that the scenarios must catch.

Files are those of hw/net/cx6dx_tls/.
"""

from .mutation import Mutation as _Mutation

_RECORD = 'pure/record.c'
_TRACKER = 'pure/tracker.c'
_TLS_RX = 'pure/tls_rx.c'
_TLS_TX = 'pure/tls_tx.c'
_PLAIN = ('plain-stream/128-ipv4',)
# two devices with the same mistake understand each other
_SOFTWARE = ('only-transmit/ipv4',)
_SPLIT = ('split-every-place/ipv4', 'split-every-place-down')
_SENT_AGAIN = ('loss-random/128-ipv4', 'records-sendfile-zerocopy-loss')
_LOST = ('loss-random/128-ipv4', 'records-small-loss/up')


def _m(*words, **more):
    return _Mutation(*words, part='device', **more)


ALL = (
    # ---- transmit
    _m('dev-tx-record-off-by-one', _TLS_TX,
       'ctx->live.initial_record_number);',
       'ctx->live.initial_record_number + 1);', _PLAIN,
       'a context begins with the next record number',
       within='cx6dx_tls_tx_set_progress'),
    _m('dev-tx-expected-stays', _TLS_TX, 'ctx->expected_tcp_sn += len;',
       '(void)len;', _PLAIN, 'the expected sequence number stays'),
    _m('dev-tx-progress-keeps-place', _TLS_TX, 'ctx->synced = false;',
       'ctx->synced = ctx->synced;', _SENT_AGAIN,
       'progress params do not let the context begin elsewhere'),
    _m('dev-tx-dump-ignored', _TLS_TX,
       'return verdict == CX6DX_TLS_TX_ENCRYPTED ? run(ctx, data, len) :',
       'return', _SENT_AGAIN, 'DUMP work requests do nothing'),
    _m('dev-tx-clear-when-lost', 'nic/txpath.c', 'return false;',
       'return true;', ('fault-tx-lose-state/128',),
       'what a context cannot encrypt leaves in clear', within='encrypt'),
    _m('dev-tx-stored-kept', _TLS_TX,
       'cx6dx_record_keys_move(&ctx->live, &ctx->stored);',
       'if (!ctx->live.suite) {\n'
       'cx6dx_record_keys_move(&ctx->live, &ctx->stored);\n}',
       ('connection-churn/ipv4', 'loss-random/128-ipv4'),
       'a context that is used again keeps its first key'),
    _m('dev-tx-order-unchecked', _TLS_TX,
       'ctx->synced && tcp_sn != ctx->expected_tcp_sn',
       'ctx->synced && tcp_sn - ctx->expected_tcp_sn > 0x7fffffff',
       _SENT_AGAIN + ('fault-tx-lose-state/128',),
       'a gap in what is sent is not noticed',
       survives='a guard against mistakes of drivers, which neither driver '
       'makes: tx-resync-skipped is caught by it, and unit tests hold it'),
    # ---- records
    _m('dev-tag-not-replaced', _RECORD, 'memcpy(out, s->tag + at, n);',
       ';', _PLAIN, 'the tag placeholder stays in the record'),
    _m('dev-tag-begins-anew', _RECORD, 'memcpy(out, s->tag + at, n);',
       'memcpy(out, s->tag, n);', _SPLIT,
       'a tag that is cut by packets begins anew in the second'),
    _m('dev-tag-unchecked', _RECORD,
       'return cx6dx_aead_tag_equal(computed, s->tag) ?',
       'return computed[0] == s->tag[0] || s->offset ?',
       ('wire-tag-corrupted/128',), 'a wrong tag is as good as a right one'),
    _m('dev-header-begins-anew', _RECORD,
       'memcpy(s->head + s->offset, in, n);', 'memcpy(s->head, in, n);',
       _SPLIT, 'a header that is cut by packets begins anew in the second'),
    _m('dev-record-counted-late', _RECORD, 's->rec_sn++;',
       's->rec_sn += s->rec_sn < 9;', _SOFTWARE,
       'record numbers stop to count'),
    _m('dev-type-not-in-aad', _RECORD, 'memcpy(aad + 8, hdr, 3);',
       'memcpy(aad + 8, hdr, 3); aad[8] = 23;',
       ('only-one-end-control/up-128',),
       'control records are authenticated as data'),
    _m('dev-short-key', 'nic/dek.c', 'dek->key_bytes = is_256 ? 32 : 16;',
       'dek->key_bytes = 16;', ('only-one-end-control/up-256',),
       'a key of 256 bits is cut to 128'),
    # ---- receive
    _m('dev-rx-whole-when-part', _TLS_RX,
       'return offset ? CX6DX_TLS_RX_PASSED : CX6DX_TLS_RX_DECRYPTED;',
       'return CX6DX_TLS_RX_DECRYPTED;', _LOST,
       'a packet decrypted from its middle on is said to be decrypted'),
    _m('dev-rx-old-is-decrypted', _TLS_RX,
       'default:\n        return CX6DX_TLS_RX_PASSED;',
       'default:\n        return CX6DX_TLS_RX_DECRYPTED;',
       ('duplicates', *_LOST), 'old bytes are said to be decrypted',
       within='cx6dx_tls_rx_packet'),
    _m('dev-rx-old-decrypted-again', _TRACKER,
       'if (!cx6dx_tcp_sn_after(tcp_sn + len, trk->expect_tcp_sn)) {',
       'if (len < 2) {', ('duplicates', *_LOST),
       'old bytes are taken for the next ones', within='cx6dx_tracker_packet'),
    _m('dev-rx-gap-ignored', _TRACKER,
       'if (cx6dx_tcp_sn_after(tcp_sn, trk->expect_tcp_sn)) {',
       'if (len < 2) {', _LOST, 'a gap in the stream is not seen'),
    _m('dev-rx-answer-wrong-record', _TRACKER,
       'trk->next_rec_sn = rec_sn + trk->records;',
       'trk->next_rec_sn = rec_sn + trk->records - 1;', _LOST,
       'a resync answer is applied to the wrong record'),
    _m('dev-rx-not-counted', _TRACKER, 'trk->records++;', ';',
       _LOST + ('resync-asynchronous',),
       'records seen while an answer is awaited are not counted'),
    _m('dev-rx-answer-for-any', _TRACKER,
       'tcp_sn != trk->candidate_tcp_sn', 'tcp_sn == 0',
       ('fault-psv-late', 'fault-rx-false-header', 'wire-everything',
        'loss-random/128-ipv4'),
       'an answer about another place of the stream is taken',
       survives='it takes an answer that another request overtakes on its way, '
       'which happens seldom; the unit tests of tracker hold it'),
    _m('dev-rx-sync-unconfirmed', _TRACKER,
       'trk->state = CX6DX_TRACKER_TRACKING;',
       'trk->state = CX6DX_TRACKER_BOUNDARY;', _LOST,
       'a guessed header is believed before anybody confirms it',
       within='search'),
    _m('dev-rx-never-asks', _TLS_RX, 'return CX6DX_TLS_RX_RESYNC;',
       'return CX6DX_TLS_RX_PASSED;', _LOST,
       'the device does not ask for a resync',
       within='cx6dx_tls_rx_packet'),
    _m('dev-rx-gives-up', _TRACKER, 'trk->state = CX6DX_TRACKER_SEARCHING;',
       'trk->state = CX6DX_TRACKER_IDLE;', ('fault-rx-force-resync/128-ipv4',),
       'sync that is lost is never looked for'),
    _m('dev-rx-resume-off-by-one', _TRACKER,
       'step.rec_sn = trk->next_rec_sn;',
       'step.rec_sn = trk->next_rec_sn + 1;', _LOST,
       'after a hole the next record has the wrong number'),
    _m('dev-rx-partial-header-lost', _TLS_RX,
       'ctx->tracker.hdr_bytes);', '0);',
       ('split-every-place-loss', 'wire-split-header-lost', *_LOST),
       'the part of a header that came before an answer is forgotten',
       within='take_answer',
       survives='it takes an answer that comes between two parts of a header; '
       'the unit tests of tls_rx hold it'),
    _m('dev-rx-scan-skips', _TRACKER,
       'for (size_t p = from; p + CX6DX_TRACKER_HDR_BYTES <= len; p++) {',
       'for (size_t p = from; p + CX6DX_TRACKER_HDR_BYTES <= len; p += 2) {',
       _LOST, 'headers at odd places of a packet are not found',
       survives='only the next one, at an even place, is found later; the unit '
       'tests of tracker and tls_rx hold it'),
    _m('dev-rx-psv-elsewhere', _TLS_RX,
       'out->hw_resync_tcp_sn = trk->candidate_tcp_sn;',
       'out->hw_resync_tcp_sn = trk->candidate_tcp_sn + 1;', _LOST,
       'GET_PSV tells another place than the guessed header'),
    _m('dev-rx-psv-not-tracking', _TLS_RX,
       'out->record_tracker_state = CX6DX_PSV_TRACKER_TRACKING;\n'
       '        out->hw', 'out->hw', _LOST,
       'GET_PSV says that nothing is tracked while it is'),
    _m('dev-rx-bad-sum-decrypted', 'nic/rxpath.c',
       'pkt->csum.l3_ok && pkt->csum.l4_ok &&', 'pkt->csum.l3_ok &&',
       ('wire-checksum-wrong', 'wire-everything'),
       'a packet with a wrong checksum reaches the context'),
    _m('dev-rx-tag-lost', 'nic/rxpath.c', '.flow_tag = pkt->flow_tag,',
       '.flow_tag = 0,', _LOST,
       'a completion does not tell which connection it is of'),
    # ---- objects
    _m('dev-dek-kept', 'nic/dek.c',
       'for (uint32_t i = 0; i < n; i++) {',
       'for (uint32_t i = 1; i < n; i++) {', _PLAIN,
       'a destroyed key stays',
       within='cx6dx_cmd_destroy_general_obj'),
    _m('dev-tir-kept', 'nic/tir.c',
       'return cx6dx_cmd_del_obj(nic, cmd, &nic->tirs,\n'
       '                             CX6DX_GET(cmd_in, cmd->in, number));',
       'return CX6DX_STATUS_OK;', _PLAIN, 'a destroyed TIR stays'),
    _m('dev-rule-kept', 'nic/flow.c', 'entry_delete(nic, table, entry);',
       ';', ('connection-churn/ipv4',), 'a deleted steering rule stays',
       within='cx6dx_cmd_delete_fte'),
)
