# SPDX-License-Identifier: GPL-2.0-or-later
"""Mutations of our guest driver: mistakes that the scenarios must catch.

Files are those of guest-driver/.
"""

from .mutation import Mutation

_TX = 'cx6dx_ktls_tx.c'
_RX = 'cx6dx_ktls_rx.c'
_SENT_AGAIN = ('loss-random/128-ipv4', 'records-sendfile-zerocopy-loss')
_LOST = ('loss-random/128-ipv4', 'resync-driver-request/128-ipv4',
         'resync-hint/128-ipv4')
_PLAIN = ('plain-stream/128-ipv4',)

ALL = (
    Mutation('tx-record-off-by-one', _TX,
             'post_params(sq, tx, info.rec_sn);',
             'post_params(sq, tx, info.rec_sn + 1);', _SENT_AGAIN,
             'a record sent again is encrypted with the next number'),
    Mutation('tx-dump-dropped', _TX,
             'err = post_dump(sq, tx, frag, offset, n);',
             'err = n > 8192 ? post_dump(sq, tx, frag, offset, n) : 0;',
             _SENT_AGAIN, 'the begin of a record is not fed to the cipher'),
    Mutation('tx-dump-short', _TX,
             'err = post_dump(sq, tx, frag, offset, n);',
             'err = post_dump(sq, tx, frag, offset, n > 1 ? n - 1 : n);',
             _SENT_AGAIN, 'a byte is missing in what is fed to the cipher'),
    Mutation('tx-resync-skipped', _TX,
             'if (likely(!lost && tx->expected_seq == seq))',
             'if (likely(!lost))', _SENT_AGAIN,
             'a packet out of order is sent as if it were in order'),
    Mutation('tx-never-in-order', _TX, 'tx->expected_seq = seq + len;',
             'tx->expected_seq = seq;', _PLAIN,
             'every packet is taken for one out of order'),
    Mutation('tx-static-kept', _TX,
             'if (tx->fresh || tx->static_sn != rec_sn)', 'if (tx->fresh)',
             _SENT_AGAIN, 'the record number is never told anew'),
    Mutation('tx-plaintext', _TX, '*tisn = tx->tisn;',
             '*tisn = skb_is_gso(skb) ? tx->tisn : 0;', _PLAIN,
             'packets of one segment leave in clear'),
    Mutation('tx-key-kept', _TX,
             'cx6dx_dek_destroy(priv->cdev, tx->crypto.dek);\n', '\n', _PLAIN,
             'the key of a closed connection stays in the device'),
    Mutation('rx-decrypted-never', _RX, 'skb->decrypted = 1;\n', '\n', _PLAIN,
             'decrypted packets look encrypted to the stack'),
    Mutation('rx-decrypted-early', _RX,
             'case CX6DX_CQE_TLS_RESYNC:\n',
             'case CX6DX_CQE_TLS_RESYNC:\n\t\tskb->decrypted = 1;\n',
             ('records-small-loss/up',),
             'a packet that asks for a resync counts as decrypted'),
    Mutation('rx-request-ignored', _RX, 'if (ch->priv->ktls)\n',
             'if (!ch->priv->ktls)\n', _LOST,
             'the device asks for a resync and nobody hears it'),
    Mutation('rx-answer-off-by-one', _RX, 'rx->answer_sn = rec_sn;',
             'rx->answer_sn = rec_sn + 1;', _LOST,
             'the answer names the next record number'),
    Mutation('rx-answer-elsewhere', _RX, 'rx->answer_seq = tcp_sn;',
             'rx->answer_seq = tcp_sn + 1;',
             ('fault-rx-force-resync-types/resync2',),
             'the answer is about another place of the stream'),
    Mutation('rx-hint-off-by-one', _RX,
             'err = post_start(rx, rec_sn, tcp_sn, CX6DX_ICO_RESYNC);',
             'err = post_start(rx, rec_sn + 1, tcp_sn, CX6DX_ICO_RESYNC);',
             ('resync-hint/128-ipv4',),
             "the hint's record number is off by one"),
    Mutation('rx-hint-elsewhere', _RX,
             'err = post_start(rx, rec_sn, tcp_sn, CX6DX_ICO_RESYNC);',
             'err = post_start(rx, rec_sn, tcp_sn + 5, CX6DX_ICO_RESYNC);',
             ('fault-rx-force-resync-types/resync1',),
             'the hint starts behind the header'),
    Mutation('rx-request-offset', _RX, 'tcp_sn -= REQ_OFFSET;\n',
             'tcp_sn -= 0;\n', ('fault-rx-force-resync-types/resync0',),
             'the answer to a driver request is not moved to the header'),
    Mutation('rx-psv-believed', _RX,
             'if (!ok || tracker != CX6DX_PSV_TRACKER_TRACKING ||\n'
             '\t    auth != CX6DX_PSV_AUTH_NO_OFFLOAD) {',
             'if (!ok || tracker + auth > 99) {',
             ('fault-psv-not-tracking/resync2',
              'fault-psv-not-tracking/resync0'),
             'what GET_PSV says of the tracker is not looked at'),
    Mutation('rx-rule-kept', _RX,
             '\tcx6dx_fs_tls_del(priv, rx->rule);\n', '\n',
             ('connection-churn/ipv4',),
             'the rule of a closed connection stays in the steering'),
    Mutation('rx-key-kept', _RX,
             'cx6dx_dek_destroy(cdev, rx->crypto.dek);\n', '\n', _PLAIN,
             'the key of a closed connection stays in the device'),
    Mutation('rx-context-kept', _RX,
             'forget_answer(rx);\n\twait_idle(rx);\n\n'
             '\tcx6dx_cmd_simple(cdev, CX6DX_CMD_DESTROY_TIR, rx->tirn);\n',
             'forget_answer(rx);\n\twait_idle(rx);\n', _PLAIN,
             'the TIR of a closed connection stays in the device'),
)
