// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * cx6dx_tls: pages that the device borrows from its host (PRM "Page Supply")
 *
 * The device says how many it wants at boot, at initialization and by event;
 * each page is mapped and kept by its address until it comes back.
 */
#include "cx6dx.h"

#define PAGES_AT_ONCE	512

static size_t manage_pages_bytes(u32 count)
{
	return CX6DX_BYTES(manage_pages_in) + count * sizeof(u64);
}

static void page_drop(struct cx6dx_dev *cdev, u64 dma)
{
	struct page *page = xa_erase(&cdev->pages, dma >> PAGE_SHIFT);

	if (!page) {
		dev_warn(cdev->dev, "device returned a page that it never had\n");
		return;
	}
	dma_unmap_page(cdev->dev, dma, PAGE_SIZE, DMA_BIDIRECTIONAL);
	__free_page(page);
}

static int page_take(struct cx6dx_dev *cdev, u64 *dma)
{
	struct page *page = alloc_page(GFP_KERNEL | __GFP_ZERO);
	int err;

	if (!page)
		return -ENOMEM;
	*dma = dma_map_page(cdev->dev, page, 0, PAGE_SIZE, DMA_BIDIRECTIONAL);
	err = dma_mapping_error(cdev->dev, *dma);
	if (err)
		goto err_free;
	err = xa_insert(&cdev->pages, *dma >> PAGE_SHIFT, page, GFP_KERNEL);
	if (err)
		goto err_unmap;
	return 0;

err_unmap:
	dma_unmap_page(cdev->dev, *dma, PAGE_SIZE, DMA_BIDIRECTIONAL);
err_free:
	__free_page(page);
	return err;
}

static int pages_give(struct cx6dx_dev *cdev, u32 count)
{
	u8 out[CX6DX_BYTES(cmd_out)] = {};
	u32 i = 0;
	u64 dma;
	int err;
	u8 *in;

	in = kvzalloc(manage_pages_bytes(count), GFP_KERNEL);
	if (!in)
		return -ENOMEM;
	CX6DX_SET(cmd_in, in, opcode, CX6DX_CMD_MANAGE_PAGES);
	CX6DX_SET(manage_pages_in, in, op_mod, CX6DX_PAGES_GIVE);
	CX6DX_SET(manage_pages_in, in, input_num_entries, count);
	for (i = 0; i < count; i++) {
		err = page_take(cdev, &dma);
		if (err)
			goto err_pages;
		put_unaligned_be64(dma, in + manage_pages_bytes(i));
	}
	err = cx6dx_cmd_exec(cdev, in, manage_pages_bytes(count), out,
			     sizeof(out));
	if (err)
		goto err_pages;
	kvfree(in);
	return 0;

err_pages:
	while (i--)
		page_drop(cdev, get_unaligned_be64(in + manage_pages_bytes(i)));
	kvfree(in);
	return err;
}

/* Asks for up to @count pages back; returns how many came, or an errno */
static int pages_take_back(struct cx6dx_dev *cdev, u32 count)
{
	u8 in[CX6DX_BYTES(manage_pages_in)] = {};
	size_t outlen = manage_pages_bytes(count);
	u32 i, got;
	u8 *out;
	int err;

	out = kvzalloc(outlen, GFP_KERNEL);
	if (!out)
		return -ENOMEM;
	CX6DX_SET(cmd_in, in, opcode, CX6DX_CMD_MANAGE_PAGES);
	CX6DX_SET(manage_pages_in, in, op_mod, CX6DX_PAGES_TAKE);
	CX6DX_SET(manage_pages_in, in, input_num_entries, count);
	err = cx6dx_cmd_exec(cdev, in, sizeof(in), out, outlen);
	if (err)
		goto out;
	got = min(CX6DX_GET(manage_pages_out, out, output_num_entries), count);
	for (i = 0; i < got; i++)
		page_drop(cdev, get_unaligned_be64(out + manage_pages_bytes(i)));
	err = got;
out:
	kvfree(out);
	return err;
}

static int pages_change(struct cx6dx_dev *cdev, s32 count)
{
	while (count > 0) {
		s32 n = min(count, PAGES_AT_ONCE);
		int err = pages_give(cdev, n);

		if (err)
			return err;
		count -= n;
	}
	while (count < 0) {
		int got = pages_take_back(cdev, min(-count, PAGES_AT_ONCE));

		if (got <= 0)
			return got;
		count += got;
	}
	return 0;
}

/* Answers the device's wish for pages at boot or initialization */
int cx6dx_pages_satisfy(struct cx6dx_dev *cdev, u16 op_mod)
{
	u8 out[CX6DX_BYTES(query_pages_out)] = {};
	u8 in[CX6DX_BYTES(query_pages_in)] = {};
	int err;

	CX6DX_SET(cmd_in, in, opcode, CX6DX_CMD_QUERY_PAGES);
	CX6DX_SET(query_pages_in, in, op_mod, op_mod);
	err = cx6dx_cmd_exec(cdev, in, sizeof(in), out, sizeof(out));
	if (err)
		return err;
	return pages_change(cdev,
			    (s32)CX6DX_GET(query_pages_out, out, num_pages));
}

/* Page request event, from process context */
void cx6dx_pages_request(struct cx6dx_dev *cdev, s32 count)
{
	int err = pages_change(cdev, count);

	if (err)
		dev_err(cdev->dev, "page request of %d failed: %d\n", count,
			err);
}

/* Takes every page back; the device has been torn down */
void cx6dx_pages_reclaim(struct cx6dx_dev *cdev)
{
	while (!xa_empty(&cdev->pages)) {
		if (pages_take_back(cdev, PAGES_AT_ONCE) <= 0) {
			dev_warn(cdev->dev, "device keeps pages\n");
			break;
		}
	}
}
