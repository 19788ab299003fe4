// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * cx6dx_tls: TLS offload, what both directions share
 *
 * The kernel's tlsdev_ops (Documentation/networking/tls-offload.rst), the
 * choice of ciphers, and the two parameter segments that set up a context in
 * the device.  TLS 1.2 with AES-GCM-128 or -256; anything else is refused and
 * stays in software.
 */
#include "cx6dx.h"
#include "cx6dx_ktls.h"

/* ---- parameter segments ---- */

/* Static parameters in the UMR WQE at @wqe, from its UMR segment on */
void cx6dx_ktls_fill_static(u8 *wqe, const struct cx6dx_ktls_crypto *crypto,
			    u64 rec_sn, u32 resync_tcp_sn)
{
	u8 *p = wqe + CX6DX_WQE_UMR_INLINE_OFF;
	u8 *umr = wqe + CX6DX_WQE_UMR_CTRL_OFF;

	memset(umr, 0, CX6DX_WQE_STATIC_PARAMS_DS * CX6DX_WQE_DS_BYTES -
	       CX6DX_WQE_UMR_CTRL_OFF);
	CX6DX_SET(wqe_umr_ctrl, umr, inline_, 1);
	CX6DX_SET(wqe_umr_ctrl, umr, bsf_octowords,
		  CX6DX_BYTES(tls_static_params) / CX6DX_WQE_DS_BYTES);

	CX6DX_SET(tls_static_params, p, const_2, CX6DX_TLS_CONST_2);
	CX6DX_SET(tls_static_params, p, tls_version, CX6DX_TLS_VERSION_1_2);
	CX6DX_SET(tls_static_params, p, const_1, CX6DX_TLS_CONST_1);
	CX6DX_SET(tls_static_params, p, encryption_standard,
		  CX6DX_ENCRYPTION_STANDARD_TLS);
	CX6DX_SET64(tls_static_params, p, initial_record_number, rec_sn);
	CX6DX_SET(tls_static_params, p, resync_tcp_sn, resync_tcp_sn);
	CX6DX_SET(tls_static_params, p, gcm_iv,
		  get_unaligned_be32(crypto->salt));
	CX6DX_SET(tls_static_params, p, dek_index, crypto->dek);
}

/* Progress parameters of TIS or TIR @number in the SET_PSV WQE at @wqe */
void cx6dx_ktls_fill_progress(u8 *wqe, u32 number, u32 next_record_tcp_sn)
{
	u8 *psv = wqe + CX6DX_WQE_PSV_OFF;
	u8 *p = CX6DX_AREA(wqe_set_psv, psv, params);

	memset(psv, 0, CX6DX_BYTES(wqe_set_psv));
	CX6DX_SET(wqe_set_psv, psv, number, number);
	CX6DX_SET(tls_progress_params, p, next_record_tcp_sn,
		  next_record_tcp_sn);
	CX6DX_SET(tls_progress_params, p, record_tracker_state,
		  CX6DX_PSV_TRACKER_START);
	CX6DX_SET(tls_progress_params, p, auth_state,
		  CX6DX_PSV_AUTH_NO_OFFLOAD);
}

/* ---- connections ---- */

/* Makes the device's key and takes over salt and record number */
static int crypto_create(struct cx6dx_dev *cdev,
			 const struct tls_crypto_info *info,
			 struct cx6dx_ktls_crypto *crypto)
{
	const struct tls12_crypto_info_aes_gcm_128 *gcm128 = (void *)info;
	const struct tls12_crypto_info_aes_gcm_256 *gcm256 = (void *)info;

	BUILD_BUG_ON(sizeof(gcm128->salt) != sizeof(crypto->salt));
	BUILD_BUG_ON(sizeof(gcm256->salt) != sizeof(crypto->salt));

	if (info->version != TLS_1_2_VERSION)
		return -EOPNOTSUPP;
	switch (info->cipher_type) {
	case TLS_CIPHER_AES_GCM_128:
		if (!cdev->caps.tls_gcm_128)
			return -EOPNOTSUPP;
		memcpy(crypto->salt, gcm128->salt, sizeof(crypto->salt));
		crypto->rec_sn = get_unaligned_be64(gcm128->rec_seq);
		return cx6dx_dek_create(cdev, gcm128->key,
					sizeof(gcm128->key), &crypto->dek);
	case TLS_CIPHER_AES_GCM_256:
		if (!cdev->caps.tls_gcm_256)
			return -EOPNOTSUPP;
		memcpy(crypto->salt, gcm256->salt, sizeof(crypto->salt));
		crypto->rec_sn = get_unaligned_be64(gcm256->rec_seq);
		return cx6dx_dek_create(cdev, gcm256->key,
					sizeof(gcm256->key), &crypto->dek);
	default:
		return -EOPNOTSUPP;
	}
}

static int cx6dx_tls_dev_add(struct net_device *netdev, struct sock *sk,
			     enum tls_offload_ctx_dir direction,
			     struct tls_crypto_info *info, u32 tcp_sn)
{
	struct cx6dx_priv *priv = netdev_priv(netdev);
	struct cx6dx_ktls_crypto crypto = {};
	int err;

	err = crypto_create(priv->cdev, info, &crypto);
	if (err)
		return err;
	if (direction == TLS_OFFLOAD_CTX_DIR_TX)
		err = cx6dx_ktls_tx_add(priv, sk, &crypto, tcp_sn);
	else
		err = cx6dx_ktls_rx_add(priv, sk, &crypto, tcp_sn);
	if (err)
		cx6dx_dek_destroy(priv->cdev, crypto.dek);
	memzero_explicit(&crypto, sizeof(crypto));
	return err;
}

static void cx6dx_tls_dev_del(struct net_device *netdev,
			      struct tls_context *tls_ctx,
			      enum tls_offload_ctx_dir direction)
{
	struct cx6dx_priv *priv = netdev_priv(netdev);

	if (direction == TLS_OFFLOAD_CTX_DIR_TX)
		cx6dx_ktls_tx_del(priv, tls_ctx);
	else
		cx6dx_ktls_rx_del(priv, tls_ctx);
}

static int cx6dx_tls_dev_resync(struct net_device *netdev, struct sock *sk,
				u32 tcp_sn, u8 *rec_sn,
				enum tls_offload_ctx_dir direction)
{
	if (direction != TLS_OFFLOAD_CTX_DIR_RX)
		return -EOPNOTSUPP;
	return cx6dx_ktls_rx_resync(netdev_priv(netdev), sk, tcp_sn,
				    get_unaligned_be64(rec_sn));
}

static const struct tlsdev_ops cx6dx_tlsdev_ops = {
	.tls_dev_add = cx6dx_tls_dev_add,
	.tls_dev_del = cx6dx_tls_dev_del,
	.tls_dev_resync = cx6dx_tls_dev_resync,
};

/* ---- life ---- */

int cx6dx_ktls_init(struct cx6dx_priv *priv)
{
	struct cx6dx_caps *caps = &priv->cdev->caps;
	struct net_device *netdev = priv->netdev;

	if (!caps->tls_gcm_128 && !caps->tls_gcm_256)
		return 0;
	priv->ktls = kzalloc(sizeof(*priv->ktls), GFP_KERNEL);
	if (!priv->ktls)
		return -ENOMEM;
	xa_init_flags(&priv->ktls->rx, XA_FLAGS_ALLOC1);
	mutex_init(&priv->ktls->gro_lock);
	cx6dx_ktls_tx_pool_init(priv);

	if (caps->tls_tx) {
		netdev->hw_features |= NETIF_F_HW_TLS_TX;
		netdev->features |= NETIF_F_HW_TLS_TX;
	}
	/* offered, but off until somebody asks for it */
	if (caps->tls_rx)
		netdev->hw_features |= NETIF_F_HW_TLS_RX;
	netdev->tlsdev_ops = &cx6dx_tlsdev_ops;
	return 0;
}

/* All connections are gone: the net_device is not registered any more */
void cx6dx_ktls_cleanup(struct cx6dx_priv *priv)
{
	if (!priv->ktls)
		return;
	priv->netdev->tlsdev_ops = NULL;
	cx6dx_ktls_tx_pool_cleanup(priv);
	WARN_ON(!xa_empty(&priv->ktls->rx));
	xa_destroy(&priv->ktls->rx);
	kfree(priv->ktls);
	priv->ktls = NULL;
}
