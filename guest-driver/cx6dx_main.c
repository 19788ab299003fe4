// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * cx6dx_tls: probe and remove
 *
 * Brings the function up in the order of the PRM's "HCA driver start-up" and
 * takes it down in exact reverse: initialization segment, command interface,
 * HCA, event queue, and the few objects that everything else hangs on.
 */
#include <linux/delay.h>
#include <linux/module.h>
#include <linux/rtnetlink.h>

#include "cx6dx.h"

#define INIT_TIMEOUT_MS	10000

static void page_work(struct work_struct *work)
{
	struct cx6dx_dev *cdev = container_of(work, struct cx6dx_dev,
					      page_work);

	cx6dx_pages_request(cdev, xchg(&cdev->pages_wanted, 0));
}

static int wait_firmware(struct cx6dx_dev *cdev)
{
	unsigned long deadline = jiffies + msecs_to_jiffies(INIT_TIMEOUT_MS);

	while (ioread32be(cdev->iseg + CX6DX_ISEG_INITIALIZING) >> 31) {
		if (time_after(jiffies, deadline)) {
			dev_err(cdev->dev, "firmware does not start\n");
			return -ETIMEDOUT;
		}
		msleep(20);
	}
	return 0;
}

static void read_fw_version(struct cx6dx_dev *cdev)
{
	u32 rev = ioread32be(cdev->iseg + CX6DX_ISEG_FW_REV);
	u32 sub = ioread32be(cdev->iseg + CX6DX_ISEG_CMDIF_REV_FW_SUB);

	snprintf(cdev->fw_version, sizeof(cdev->fw_version), "%u.%u.%u",
		 rev & 0xffff, rev >> 16, sub & 0xffff);
}

/* ---- start of the HCA ---- */

static int set_issi(struct cx6dx_dev *cdev)
{
	u8 query[CX6DX_BYTES(query_issi_out)] = {};
	u8 set[CX6DX_BYTES(set_issi_in)] = {};
	u8 in[CX6DX_BYTES(cmd_in)] = {};
	u8 out[CX6DX_BYTES(cmd_out)] = {};
	int err;

	CX6DX_SET(cmd_in, in, opcode, CX6DX_CMD_QUERY_ISSI);
	err = cx6dx_cmd_exec(cdev, in, sizeof(in), query, sizeof(query));
	if (err)
		return err;
	if (!(CX6DX_GET(query_issi_out, query, supported_issi_dw0) & BIT(1)))
		return -EOPNOTSUPP;
	CX6DX_SET(cmd_in, set, opcode, CX6DX_CMD_SET_ISSI);
	CX6DX_SET(set_issi_in, set, current_issi, 1);
	return cx6dx_cmd_exec(cdev, set, sizeof(set), out, sizeof(out));
}

static int set_host_endianness(struct cx6dx_dev *cdev)
{
	u8 data[CX6DX_REG_MAX_BYTES] = {};

#ifdef __BIG_ENDIAN
	data[0] = 0x80;
#endif
	return cx6dx_reg_access(cdev, CX6DX_REG_HOST_ENDIANNESS, true, data,
				16);
}

/* The shortest period that is not less than wanted, or the longest there is */
static u32 choose_gro_usecs(const u8 *cap)
{
	const u8 *periods = CX6DX_AREA(eth_offload_caps, cap,
				       lro_timer_supported_periods);
	u32 usecs = 0;
	int i;

	if (!CX6DX_GET(eth_offload_caps, cap, lro_cap))
		return 0;
	for (i = 0; i < CX6DX_AREA_BYTES(eth_offload_caps,
					 lro_timer_supported_periods); i += 4) {
		usecs = get_unaligned_be32(periods + i);
		if (usecs >= CX6DX_GRO_USECS)
			break;
	}
	return usecs;
}

/* @out has room for QUERY_HCA_CAP's output */
static int query_cap(struct cx6dx_dev *cdev, u16 group, u16 mode, u8 *out)
{
	u8 in[CX6DX_BYTES(query_hca_cap_in)] = {};

	memset(out, 0, CX6DX_BYTES(query_hca_cap_out));
	CX6DX_SET(cmd_in, in, opcode, CX6DX_CMD_QUERY_HCA_CAP);
	CX6DX_SET(query_hca_cap_in, in, op_mod, group << 1 | mode);
	return cx6dx_cmd_exec(cdev, in, sizeof(in), out,
			      CX6DX_BYTES(query_hca_cap_out));
}

/* Writes the general capabilities back as they are, but for a few choices */
static int set_cap(struct cx6dx_dev *cdev, u8 *scratch)
{
	u8 out[CX6DX_BYTES(cmd_out)] = {};
	u8 *in, *cap;
	int err;

	err = query_cap(cdev, CX6DX_CAP_GENERAL, CX6DX_CAP_MODE_CURRENT,
			scratch);
	if (err)
		return err;
	in = kvzalloc(CX6DX_BYTES(set_hca_cap_in), GFP_KERNEL);
	if (!in)
		return -ENOMEM;
	CX6DX_SET(cmd_in, in, opcode, CX6DX_CMD_SET_HCA_CAP);
	CX6DX_SET(set_hca_cap_in, in, op_mod, CX6DX_CAP_GENERAL << 1);
	cap = CX6DX_AREA(set_hca_cap_in, in, capability);
	memcpy(cap, CX6DX_AREA(query_hca_cap_out, scratch, capability),
	       CX6DX_AREA_BYTES(set_hca_cap_in, capability));
	CX6DX_SET(cmd_hca_cap, cap, pkey_table_size, 0);
	CX6DX_SET(cmd_hca_cap, cap, cmdif_checksum, 0);
	CX6DX_SET(cmd_hca_cap, cap, log_uar_page_sz, PAGE_SHIFT - 12);
	err = cx6dx_cmd_exec(cdev, in, CX6DX_BYTES(set_hca_cap_in), out,
			     sizeof(out));
	kvfree(in);
	return err;
}

static int read_general_caps(struct cx6dx_dev *cdev, u8 *out)
{
	u8 *cap = CX6DX_AREA(query_hca_cap_out, out, capability);
	struct cx6dx_caps *caps = &cdev->caps;
	int err;

	err = query_cap(cdev, CX6DX_CAP_GENERAL, CX6DX_CAP_MODE_CURRENT, out);
	if (err)
		return err;
	if (CX6DX_GET(cmd_hca_cap, cap, port_type) != CX6DX_PORT_TYPE_ETH ||
	    !CX6DX_GET(cmd_hca_cap, cap, eth_net_offloads) ||
	    !CX6DX_GET(cmd_hca_cap, cap, nic_flow_table)) {
		dev_err(cdev->dev, "not an Ethernet function\n");
		return -EOPNOTSUPP;
	}
	caps->page_request_disable =
		CX6DX_GET(cmd_hca_cap, cap, page_request_disable);
	caps->cq_moderation = CX6DX_GET(cmd_hca_cap, cap, cq_moderation);
	caps->max_eqs = CX6DX_GET(cmd_hca_cap, cap, max_num_eqs);
	if (!caps->max_eqs)
		caps->max_eqs = 1U << CX6DX_GET(cmd_hca_cap, cap, log_max_eq);
	caps->max_rqt_size = 1U << CX6DX_GET(cmd_hca_cap, cap,
					     log_max_rqt_size);
	caps->log_max_wq = CX6DX_GET(cmd_hca_cap, cap, log_max_wq_sz);
	if (CX6DX_GET(cmd_hca_cap, cap, log_max_dek)) {
		caps->tls_tx = CX6DX_GET(cmd_hca_cap, cap, tls_tx);
		caps->tls_rx = CX6DX_GET(cmd_hca_cap, cap, tls_rx);
	}
	return 0;
}

static int read_caps(struct cx6dx_dev *cdev, u8 *out)
{
	u8 *cap = CX6DX_AREA(query_hca_cap_out, out, capability);
	struct cx6dx_caps *caps = &cdev->caps;
	u8 *rx;
	int err;

	err = read_general_caps(cdev, out);
	if (err)
		return err;

	err = query_cap(cdev, CX6DX_CAP_ETH_OFFLOADS, CX6DX_CAP_MODE_CURRENT,
			out);
	if (err)
		return err;
	if (!CX6DX_GET(eth_offload_caps, cap, csum_cap) ||
	    CX6DX_GET(eth_offload_caps, cap, wqe_inline_mode) != 2) {
		dev_err(cdev->dev, "checksum offload is missing, or sends need inline headers\n");
		return -EOPNOTSUPP;
	}
	caps->vlan_insert = CX6DX_GET(eth_offload_caps, cap, wqe_vlan_insert);
	caps->max_lso = 1U << CX6DX_GET(eth_offload_caps, cap, max_lso_cap);
	caps->gro_usecs = choose_gro_usecs(cap);

	err = query_cap(cdev, CX6DX_CAP_FLOW_TABLE, CX6DX_CAP_MODE_CURRENT,
			out);
	if (err)
		return err;
	rx = CX6DX_AREA(flow_table_nic_cap, cap, nic_receive);
	if (!CX6DX_GET(flow_table_prop_layout, rx, ft_support)) {
		dev_err(cdev->dev, "no receive flow tables\n");
		return -EOPNOTSUPP;
	}

	if (!caps->tls_tx && !caps->tls_rx)
		return 0;
	err = query_cap(cdev, CX6DX_CAP_TLS, CX6DX_CAP_MODE_CURRENT, out);
	if (err)
		return err;
	caps->tls_gcm_128 = CX6DX_GET(tls_cap, cap, tls_1_2_aes_gcm_128);
	caps->tls_gcm_256 = CX6DX_GET(tls_cap, cap, tls_1_2_aes_gcm_256);
	return 0;
}

static void query_adapter(struct cx6dx_dev *cdev)
{
	u8 out[CX6DX_BYTES(query_adapter_out)] = {};
	u8 in[CX6DX_BYTES(cmd_in)] = {};

	CX6DX_SET(cmd_in, in, opcode, CX6DX_CMD_QUERY_ADAPTER);
	if (!cx6dx_cmd_exec(cdev, in, sizeof(in), out, sizeof(out)))
		memcpy(cdev->psid,
		       CX6DX_AREA(query_adapter_out, out, vsd_contd_psid),
		       CX6DX_AREA_BYTES(query_adapter_out, vsd_contd_psid));
}

static int init_hca_cmd(struct cx6dx_dev *cdev)
{
	u8 out[CX6DX_BYTES(cmd_out)] = {};
	u8 in[CX6DX_BYTES(init_hca_in)] = {};

	CX6DX_SET(cmd_in, in, opcode, CX6DX_CMD_INIT_HCA);
	return cx6dx_cmd_exec(cdev, in, sizeof(in), out, sizeof(out));
}

static int hca_start(struct cx6dx_dev *cdev)
{
	u8 *scratch;
	int err;

	scratch = kvzalloc(CX6DX_BYTES(query_hca_cap_out), GFP_KERNEL);
	if (!scratch)
		return -ENOMEM;
	err = cx6dx_cmd_simple(cdev, CX6DX_CMD_ENABLE_HCA, 0);
	if (err)
		goto out_free;
	err = set_issi(cdev);
	if (err)
		goto err_disable;
	err = cx6dx_pages_satisfy(cdev, CX6DX_QUERY_PAGES_BOOT);
	if (err)
		goto err_pages;
	err = set_host_endianness(cdev);
	if (err)
		goto err_pages;
	err = set_cap(cdev, scratch);
	if (err)
		goto err_pages;
	err = cx6dx_pages_satisfy(cdev, CX6DX_QUERY_PAGES_INIT);
	if (err)
		goto err_pages;
	err = init_hca_cmd(cdev);
	if (err)
		goto err_pages;
	err = read_caps(cdev, scratch);
	if (err)
		goto err_teardown;
	query_adapter(cdev);
	goto out_free;

err_teardown:
	cx6dx_cmd_simple(cdev, CX6DX_CMD_TEARDOWN_HCA, 0);
err_pages:
	cx6dx_pages_reclaim(cdev);
err_disable:
	cx6dx_cmd_simple(cdev, CX6DX_CMD_DISABLE_HCA, 0);
out_free:
	kvfree(scratch);
	return err;
}

static void hca_stop(struct cx6dx_dev *cdev)
{
	cx6dx_cmd_simple(cdev, CX6DX_CMD_TEARDOWN_HCA, 0);
	cx6dx_pages_reclaim(cdev);
	cx6dx_cmd_simple(cdev, CX6DX_CMD_DISABLE_HCA, 0);
}

/* ---- interrupts, doorbell page, base objects ---- */

static int vectors_alloc(struct cx6dx_dev *cdev)
{
	int wanted = min_t(int, num_online_cpus(), CX6DX_MAX_CHANNELS) + 1;
	int n;

	wanted = min_t(int, wanted, cdev->caps.max_eqs);
	n = pci_alloc_irq_vectors(cdev->pdev, 2, wanted, PCI_IRQ_MSIX);
	if (n < 0)
		return n;
	cdev->num_vectors = n;
	return 0;
}

static int uar_alloc(struct cx6dx_dev *cdev)
{
	u8 in[CX6DX_BYTES(cmd_in)] = {};
	resource_size_t offset;
	int err;

	err = cx6dx_cmd_create(cdev, CX6DX_CMD_ALLOC_UAR, in, sizeof(in),
			       &cdev->uarn);
	if (err)
		return err;
	offset = (resource_size_t)cdev->uarn * CX6DX_PAGE_BYTES;
	if (offset + CX6DX_PAGE_BYTES > pci_resource_len(cdev->pdev, 0)) {
		err = -ENODEV;
		goto err_uar;
	}
	cdev->uar = ioremap(pci_resource_start(cdev->pdev, 0) + offset,
			    CX6DX_PAGE_BYTES);
	if (!cdev->uar) {
		err = -ENOMEM;
		goto err_uar;
	}
	return 0;

err_uar:
	cx6dx_cmd_simple(cdev, CX6DX_CMD_DEALLOC_UAR, cdev->uarn);
	return err;
}

static void uar_free(struct cx6dx_dev *cdev)
{
	iounmap(cdev->uar);
	cx6dx_cmd_simple(cdev, CX6DX_CMD_DEALLOC_UAR, cdev->uarn);
}

static int base_create(struct cx6dx_dev *cdev)
{
	u8 pd[CX6DX_BYTES(cmd_in)] = {};
	u8 td[CX6DX_BYTES(cmd_in)] = {};
	u8 qc[CX6DX_BYTES(cmd_in)] = {};
	int err;

	err = cx6dx_cmd_create(cdev, CX6DX_CMD_ALLOC_PD, pd, sizeof(pd),
			       &cdev->pdn);
	if (err)
		return err;
	err = cx6dx_cmd_create(cdev, CX6DX_CMD_ALLOC_TRANSPORT_DOMAIN, td,
			       sizeof(td), &cdev->tdn);
	if (err)
		goto err_pd;
	err = cx6dx_mkey_create(cdev, &cdev->mkey);
	if (err)
		goto err_td;
	err = cx6dx_cmd_create(cdev, CX6DX_CMD_ALLOC_Q_COUNTER, qc, sizeof(qc),
			       &cdev->q_counter);
	if (err)
		goto err_mkey;
	return 0;

err_mkey:
	cx6dx_cmd_simple(cdev, CX6DX_CMD_DESTROY_MKEY, cdev->mkey >> 8);
err_td:
	cx6dx_cmd_simple(cdev, CX6DX_CMD_DEALLOC_TRANSPORT_DOMAIN, cdev->tdn);
err_pd:
	cx6dx_cmd_simple(cdev, CX6DX_CMD_DEALLOC_PD, cdev->pdn);
	return err;
}

static void base_destroy(struct cx6dx_dev *cdev)
{
	cx6dx_cmd_simple(cdev, CX6DX_CMD_DEALLOC_Q_COUNTER, cdev->q_counter);
	cx6dx_cmd_simple(cdev, CX6DX_CMD_DESTROY_MKEY, cdev->mkey >> 8);
	cx6dx_cmd_simple(cdev, CX6DX_CMD_DEALLOC_TRANSPORT_DOMAIN, cdev->tdn);
	cx6dx_cmd_simple(cdev, CX6DX_CMD_DEALLOC_PD, cdev->pdn);
}

/* ---- PCI ---- */

static int pci_start(struct cx6dx_dev *cdev)
{
	struct pci_dev *pdev = cdev->pdev;
	int err;

	err = pci_enable_device(pdev);
	if (err)
		return err;
	err = pci_request_regions(pdev, CX6DX_DRV_NAME);
	if (err)
		goto err_disable;
	err = dma_set_mask_and_coherent(cdev->dev, DMA_BIT_MASK(64));
	if (err)
		goto err_regions;
	dma_set_max_seg_size(cdev->dev, SZ_2G - 1);
	pci_set_master(pdev);
	cdev->iseg = ioremap(pci_resource_start(pdev, 0), CX6DX_ISEG_BYTES);
	if (!cdev->iseg) {
		err = -ENOMEM;
		goto err_master;
	}
	return 0;

err_master:
	pci_clear_master(pdev);
err_regions:
	pci_release_regions(pdev);
err_disable:
	pci_disable_device(pdev);
	return err;
}

static void pci_stop(struct cx6dx_dev *cdev)
{
	iounmap(cdev->iseg);
	pci_clear_master(cdev->pdev);
	pci_release_regions(cdev->pdev);
	pci_disable_device(cdev->pdev);
}

static int core_start(struct cx6dx_dev *cdev)
{
	int err;

	err = wait_firmware(cdev);
	if (err)
		return err;
	read_fw_version(cdev);
	err = cx6dx_cmd_init(cdev);
	if (err)
		return err;
	err = hca_start(cdev);
	if (err)
		goto err_cmd;
	err = vectors_alloc(cdev);
	if (err)
		goto err_hca;
	err = uar_alloc(cdev);
	if (err)
		goto err_vectors;
	err = cx6dx_async_eq_create(cdev);
	if (err)
		goto err_uar;
	err = base_create(cdev);
	if (err)
		goto err_eq;
	return 0;

err_eq:
	cx6dx_async_eq_destroy(cdev);
err_uar:
	uar_free(cdev);
err_vectors:
	pci_free_irq_vectors(cdev->pdev);
err_hca:
	hca_stop(cdev);
err_cmd:
	cx6dx_cmd_cleanup(cdev);
	return err;
}

static void core_stop(struct cx6dx_dev *cdev)
{
	base_destroy(cdev);
	cx6dx_async_eq_destroy(cdev);
	uar_free(cdev);
	pci_free_irq_vectors(cdev->pdev);
	hca_stop(cdev);
	cx6dx_cmd_cleanup(cdev);
}

static int cx6dx_probe(struct pci_dev *pdev, const struct pci_device_id *id)
{
	struct cx6dx_dev *cdev;
	int err;

	cdev = kzalloc(sizeof(*cdev), GFP_KERNEL);
	if (!cdev)
		return -ENOMEM;
	cdev->pdev = pdev;
	cdev->dev = &pdev->dev;
	xa_init(&cdev->pages);
	INIT_WORK(&cdev->page_work, page_work);
	pci_set_drvdata(pdev, cdev);

	cdev->wq = alloc_ordered_workqueue("cx6dx-%s", WQ_MEM_RECLAIM,
					   pci_name(pdev));
	if (!cdev->wq) {
		err = -ENOMEM;
		goto err_free;
	}
	err = pci_start(cdev);
	if (err)
		goto err_wq;
	cdev->dbrecs = dma_pool_create("cx6dx_dbrec", cdev->dev, 64, 64, 0);
	if (!cdev->dbrecs) {
		err = -ENOMEM;
		goto err_pci;
	}
	err = core_start(cdev);
	if (err)
		goto err_dbrecs;
	err = cx6dx_model_init(cdev);
	if (err)
		goto err_core;
	err = cx6dx_netdev_create(cdev);
	if (err)
		goto err_core;
	return 0;

err_core:
	core_stop(cdev);
err_dbrecs:
	dma_pool_destroy(cdev->dbrecs);
err_pci:
	pci_stop(cdev);
err_wq:
	destroy_workqueue(cdev->wq);
err_free:
	kfree(cdev);
	return dev_err_probe(&pdev->dev, err, "probe failed\n");
}

static void cx6dx_remove(struct pci_dev *pdev)
{
	struct cx6dx_dev *cdev = pci_get_drvdata(pdev);

	cx6dx_netdev_destroy(cdev);
	cancel_work_sync(&cdev->page_work);
	core_stop(cdev);
	dma_pool_destroy(cdev->dbrecs);
	pci_stop(cdev);
	destroy_workqueue(cdev->wq);
	kfree(cdev);
}

static void cx6dx_shutdown(struct pci_dev *pdev)
{
	struct cx6dx_dev *cdev = pci_get_drvdata(pdev);

	rtnl_lock();
	netif_device_detach(cdev->netdev);
	if (netif_running(cdev->netdev))
		dev_close(cdev->netdev);
	rtnl_unlock();
	pci_clear_master(pdev);
}

static const struct pci_device_id cx6dx_ids[] = {
	{ PCI_DEVICE_SUB(CX6DX_PCI_VENDOR_ID, CX6DX_PCI_DEVICE_ID,
			 CX6DX_PCI_SUBVENDOR_ID, CX6DX_PCI_SUBDEVICE_ID) },
	{}
};
MODULE_DEVICE_TABLE(pci, cx6dx_ids);

static struct pci_driver cx6dx_driver = {
	.name = CX6DX_DRV_NAME,
	.id_table = cx6dx_ids,
	.probe = cx6dx_probe,
	.remove = cx6dx_remove,
	.shutdown = cx6dx_shutdown,
};
module_pci_driver(cx6dx_driver);

MODULE_DESCRIPTION("Driver for the cx6dx-tls device model, with kTLS offload");
MODULE_LICENSE("GPL");
