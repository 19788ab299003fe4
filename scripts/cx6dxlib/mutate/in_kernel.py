# SPDX-License-Identifier: GPL-2.0-or-later
"""Mutations of a kernel that we build: net/tls, and mlx5_core's kTLS.

Files are those of the kernel's source.  What is replaced is named by regular
expressions no longer than it takes to be found once in a function.
"""

from .mutation import Mutation as _Mutation, sed

TLS = 'net/tls/tls_device.c'
FALLBACK = 'net/tls/tls_device_fallback.c'
_STRP = 'net/tls/tls_strp.c'
MLX5 = 'drivers/net/ethernet/mellanox/mlx5/core/'
_KTLS_TX = MLX5 + 'en_accel/ktls_tx.c'
KTLS_RX = MLX5 + 'en_accel/ktls_rx.c'
_PLAIN = ('plain-stream/128-ipv4',)
_SENT_AGAIN = ('loss-random/128-ipv4', 'records-sendfile-zerocopy-loss')
_LOST = ('loss-random/128-ipv4', 'records-small-loss/up')
_DOWN = ('link-down-loss', 'link-down-and-up')


def _m(name, file, within, pattern, new, suite, text, driver='cx6dx',
       survives=''):
    return _Mutation(name, file, sed(pattern), new, suite, text, within,
                     'kernel', driver, survives)


ALL = (
    # ---- net/tls: receive
    _m('net-reencrypt-skipped', TLS, 'tls_device_decrypted',
       r'return tls_device_reencrypt\(.*\n\}', 'return 0;\n}', _LOST,
       'a record of which the device decrypted a part is not re-encrypted'),
    _m('net-reencrypt-all', TLS, 'tls_device_reencrypt',
       r'skb_iter->decrypted\b', '1', _LOST,
       'parts that were not decrypted are re-encrypted too'),
    _m('net-part-is-whole', TLS, 'tls_device_decrypted',
       r'is_decrypted = 0;', 'is_decrypted = 1;', _LOST,
       'a record of which the device decrypted a part counts as decrypted'),
    _m('net-mixed-unseen', _STRP, 'tls_strp_check_queue_ok',
       r'skb_cmp_decrypted\(', '0 && skb_cmp_decrypted(', _LOST,
       'decrypted and other packets of a record are not told apart'),
    _m('net-resync-wrong-record', TLS, 'tls_device_rx_resync_async',
       r'rcd_delta - i;', 'rcd_delta - i + 1;', _LOST,
       'an asynchronous resync is answered with another record number'),
    _m('net-resync-log-empty', TLS, 'tls_device_rx_resync_async',
       r'\.*resync_async->log\[.*\] = \*seq;', ';',
       ('resync-answer-after-reader/128',),
       'headers are not noted while the device makes up its mind'),
    _m('net-resync-header-offset', TLS, 'tls_device_rx_resync_new_rec',
       r'TLS_HEADER_SIZE - 1;', 'TLS_HEADER_SIZE;',
       ('resync-driver-request/128-ipv4',),
       'a driver request is looked for at another byte of the header'),
    _m('net-hint-wrong-record', TLS, 'tls_device_rx_resync_new_rec',
       r'tls_bigint_increment\(.*', ';', ('resync-hint/128-ipv4',),
       'a hint that had to wait names the record before'),
    _m('net-hint-at-once-wrong', TLS, 'tls_device_core_ctrl_rx_resync',
       r'tls_bigint_increment\(.*', ';',
       ('resync-hint/128-ipv4',),
       'a hint at once names the record before',
       survives='these kernels name another place than the record\'s in a hint at '
       'once, see resync-hint-caught-up: it is of no use either way'),
    _m('net-hint-never', TLS, 'tls_device_core_ctrl_rx_resync',
       r'rxm = strp_msg\(.*', 'return;', ('resync-hint/128-ipv4',),
       'the stack never hints at a record'),
    # ---- net/tls: transmit
    _m('net-acked-miscounted', TLS, 'tls_icsk_clean_acked',
       r'\+= deleted_records', '+= !!deleted_records', _SENT_AGAIN,
       'records that are acknowledged together count as one'),
    _m('net-freed-early', TLS, 'tls_icsk_clean_acked',
       r'if \(before\(acked_seq, info->end_seq',
       'if (before(acked_seq, info->end_seq - info->len + 1', _SENT_AGAIN,
       'a record is forgotten when a part of it is acknowledged'),
    _m('net-record-off-by-one', TLS, 'tls_get_record',
       r'= context->unacked_record_sn', '= context->unacked_record_sn + 1',
       _SENT_AGAIN, 'drivers are told the next record number'),
    _m('net-record-end-short', TLS, 'tls_push_record',
       r'write_seq \+ record->len', 'write_seq + record->len - 1',
       _SENT_AGAIN, 'the last byte of a record belongs to none'),
    _m('net-tag-room-missing', TLS, 'tls_device_record_close',
       r'tls_append_frag\(.*', ';', _PLAIN, 'there is no place for the tag'),
    _m('net-type-lost', TLS, 'tls_device_sendmsg',
       r'record_type\);(?=\n\nout)', 'TLS_RECORD_TYPE_DATA);',
       ('records-alert/128-up',), 'control records are sent as data'),
    _m('net-more-forgotten', TLS, 'tls_push_data', r'^\t\t\t\tmore = true;',
       '', ('records-msg-more-ends', 'records-msg-more',
            'records-control-closes-open'),
       'nobody remembers that a record is open'),
    _m('net-frag-joined', TLS, 'tls_append_frag',
       r'skb_frag_off\(frag\) \+ .* == pfrag->offset', 'pfrag->offset',
       ('corners', 'records-sendfile-zerocopy/128-ipv4'),
       'pieces of a page are joined though there is something in between'),
    # ---- net/tls: life
    _m('net-tx-context-kept', TLS, 'tls_device_tx_del_task',
       r'netdev->tlsdev_ops->.*', ';', _PLAIN,
       'the driver is not told that a transmit context is over'),
    _m('net-rx-context-kept', TLS, 'tls_device_offload_cleanup_rx',
       r'netdev->tlsdev_ops->[^;]*;', ';', _PLAIN,
       'the driver is not told that a receive context is over'),
    _m('net-down-in-clear', TLS, 'tls_device_down',
       r'tls_validate_xmit_skb_sw', 'NULL', _DOWN,
       'without the device, data leave in clear'),
    _m('net-down-undegraded', TLS, 'tls_device_down',
       r'set_bit\(TLS_RX_DEV_DEGRADED.*', ';', _DOWN,
       'without the device, receive goes on as if it were there',
       survives='what the flag saves is asking for resyncs, and with the device '
       'gone from the context nobody is asked'),
    _m('net-fallback-number', FALLBACK, 'tls_enc_records', r'rcd_sn\+\+;',
       ';', _DOWN, 'in software two records of a packet have one number'),
    _m('net-fallback-prefix', FALLBACK, 'fill_sg_in',
       r'(?<=\*sync_size = )tcp_seq', 'tcp_seq - 1', _DOWN,
       'in software a packet is taken for one a byte before it'),
    # ---- mlx5_core: transmit
    _m('mlx5-tx-record-off-by-one', _KTLS_TX, 'mlx5e_ktls_tx_handle_ooo',
       r'info\.rcd_sn\)', 'info.rcd_sn + 1)', _SENT_AGAIN,
       'a record sent again is encrypted with the next number', 'mlx5'),
    _m('mlx5-tx-dump-dropped', _KTLS_TX, 'mlx5e_ktls_tx_handle_ooo',
       r'for \(i = 0;', 'for (i = info.nr_frags;', _SENT_AGAIN,
       'the begin of a record is not fed to the cipher', 'mlx5'),
    _m('mlx5-tx-dump-repeats', _KTLS_TX, 'mlx5e_ktls_tx_handle_ooo',
       r'skb_frag_off_add\(.*', ';', _SENT_AGAIN,
       'the second DUMP of a page reads the begin of it again', 'mlx5'),
    _m('mlx5-tx-dump-too-long', _KTLS_TX, 'tx_sync_info_get',
       r'if \(remaining < 0\)', 'if (0)', _SENT_AGAIN,
       'more than the begin of a record is fed to the cipher', 'mlx5'),
    _m('mlx5-tx-static-skipped', _KTLS_TX, 'tx_post_resync_params',
       r'skip_static_post = .*', 'skip_static_post = true;', _SENT_AGAIN,
       're-encrypt skipped: the record number is never told anew', 'mlx5'),
    _m('mlx5-tx-resync-skipped', _KTLS_TX, 'mlx5e_ktls_handle_tx_skb',
       r'priv_tx->expected_seq != seq', '!priv_tx', _SENT_AGAIN,
       'a packet out of order is sent as if it were in order', 'mlx5'),
    _m('mlx5-tx-plaintext', _KTLS_TX, 'mlx5e_ktls_handle_tx_skb',
       r'state->tls_tisn = .*', ';', _PLAIN, 'packets leave in clear',
       'mlx5'),
    _m('mlx5-tx-key-kept', _KTLS_TX, 'mlx5e_ktls_del_tx',
       r'mlx5_ktls_destroy_key\(.*', ';',
       ('connection-churn/ipv4', 'driver-unloads-mlx5'),
       'the key of a closed connection stays in use', 'mlx5',
       survives='keys are made in bulk and kept, so their number in the device '
       'tells nothing before thousands are lost'),
    # ---- mlx5_core: receive
    _m('mlx5-rx-decrypted-never', KTLS_RX, 'mlx5e_ktls_handle_rx_skb',
       r'skb->decrypted = 1;', ';', _PLAIN,
       'decrypted packets look encrypted to the stack', 'mlx5'),
    _m('mlx5-rx-decrypted-early', KTLS_RX, 'mlx5e_ktls_handle_rx_skb',
       r'resync_update_sn\(', 'skb->decrypted = 1;\n\\g<0>', _LOST,
       'a packet that asks for a resync counts as decrypted', 'mlx5'),
    _m('mlx5-rx-request-ignored', KTLS_RX, 'mlx5e_ktls_handle_rx_skb',
       r'resync_update_sn\(.*', ';', _LOST,
       'the device asks for a resync and nobody hears it', 'mlx5'),
    _m('mlx5-rx-answer-off-by-one', KTLS_RX, 'mlx5e_ktls_rx_resync',
       r'\*\(__be64 \*\)rcd_sn(?=;)',
       'cpu_to_be64(be64_to_cpu(\\g<0>) + 1)', _LOST,
       'the answer names the next record number', 'mlx5'),
    _m('mlx5-rx-answer-elsewhere', KTLS_RX, 'mlx5e_ktls_rx_resync',
       r'resync->seq = seq;', 'resync->seq = seq + 1;',
       ('fault-rx-force-resync/128-ipv4',),
       'the answer is about another place of the stream', 'mlx5'),
    _m('mlx5-rx-psv-believed', KTLS_RX,
       'mlx5e_ktls_handle_get_psv_completion',
       r'tracker_state != \w+ \|\|', '', ('fault-psv-not-tracking/resync2',),
       'what GET_PSV says of the tracker is not looked at', 'mlx5'),
    _m('mlx5-rx-rule-kept', KTLS_RX, 'mlx5e_ktls_del_rx',
       r'mlx5e_accel_fs_del_sk\(.*', ';', ('connection-churn/ipv4',),
       'the rule of a closed connection stays in the steering', 'mlx5'),
    _m('mlx5-rx-tir-kept', KTLS_RX, 'mlx5e_ktls_del_rx',
       r'mlx5e_tir_destroy\(.*', ';', _PLAIN,
       'the TIR of a closed connection stays in the device', 'mlx5'),
)
