# SPDX-License-Identifier: GPL-2.0-or-later
"""Edits of a kernel that we build with which a known failure is none.

The other way round from mutations: what stands as [[known]] in a scenario fails
for the reason that is told there if it holds with the edit, and nothing else
changed.  They are evidence and no patches: none was reviewed, and what else they
change was not asked.
"""

from .in_kernel import FALLBACK, KTLS_RX, MLX5, TLS
from .mutation import Mutation as _Mutation, sed


# handle_resync_list() counts for the last context of a list that it takes for
# not empty, hence the bit
_TAKE_BACK = """\
\tstruct mlx5e_icosq *sq = &priv->channels.c[priv_rx->rxq]->async_icosq;

\tspin_lock_bh(&sq->ktls_resync->lock);
\tlist_del_init(&priv_rx->list);
\tif (list_empty(&sq->ktls_resync->list))
\t\tclear_bit(MLX5E_SQ_STATE_PENDING_TLS_RX_RESYNC, &sq->state);
\tspin_unlock_bh(&sq->ktls_resync->lock);
"""


def _r(name, file, within, pattern, new, suite, text, driver='cx6dx'):
    return _Mutation(name, file, sed(pattern), new, suite, text, within,
                     'kernel', driver)


ALL = (
    _r('net-hint-at-once-place', TLS, 'tls_device_core_ctrl_rx_resync',
       r'copied_seq(?=,)', 'copied_seq + '
       '(tls_sw_ctx_rx(tls_ctx)->strp.copy_mode ? 0 : rxm->full_len)',
       ('resync-hint-caught-up',),
       'a hint at once names the place of the record that it names'),
    _r('net-down-transmit-only', TLS, 'tls_device_down',
       r'WRITE_ONCE\(.*tls_validate_xmit_skb_sw\)',
       'if (ctx->tx_conf == TLS_HW)\n\t\t\t\\g<0>',
       ('link-down-receive-only',),
       'sockets whose transmit side is in software keep their way to send'),
    _r('net-fallback-encrypts-once', FALLBACK, 'tls_validate_xmit_skb',
       r'return (tls_sw_fallback\(.*\));',
       'skb = \\1;\n\tif (skb) {\n\t\tskb_orphan(skb);\n\t\tskb->decrypted = 0;\n\t}'
       '\n\treturn skb;',
       ('route-leaves-nic',),
       'a packet that software has encrypted is of no socket for the NIC below'),
    _r('mlx5-tx-queues-woken', MLX5 + 'en_main.c',
       'mlx5e_activate_txqsq', r'netif_tx_start_queue', 'netif_tx_wake_queue',
       ('change-rings-one-packet',),
       'what was queued while the channels were exchanged is sent', 'mlx5'),
    _r('mlx5-rx-answer-taken-back', KTLS_RX, 'mlx5e_ktls_del_rx',
       r'^\tmlx5e_ktls_priv_rx_put\(priv_rx\);\n(?=\})',
       _TAKE_BACK + '\\g<0>',
       ('connection-ends-answer-waits',),
       'a context that goes away leaves the list of answers of its channel',
       'mlx5'),
)
