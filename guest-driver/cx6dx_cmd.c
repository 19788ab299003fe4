// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * cx6dx_tls: the command interface (PRM "Command Interface")
 *
 * A command occupies one slot of the command queue.  Input and output beyond
 * the first 16 bytes lie in chains of mailboxes.  Until the event queue exists
 * the driver polls the slot's ownership bit, then it sleeps until the event.
 * Several commands may be in flight.  After a command that never completed the
 * interface is declared dead: the device might still write to its memory.
 */
#include <linux/delay.h>

#include "cx6dx.h"

#define CMD_TIMEOUT_MS		60000
#define CMD_INLINE_BYTES	CX6DX_AREA_BYTES(cmd_entry, in)
#define MAILBOX_BYTES		CX6DX_AREA_BYTES(cmd_mailbox, data)

struct mailbox {
	struct mailbox *next;
	u8 *va;
	dma_addr_t dma;
};

static u8 *cmd_entry(struct cx6dx_cmd *cmd, unsigned int slot)
{
	return (u8 *)cmd->queue.va + (slot << cmd->log_stride);
}

static void mailboxes_free(struct cx6dx_cmd *cmd, struct mailbox *box)
{
	while (box) {
		struct mailbox *next = box->next;

		/* a key may have passed through */
		memzero_explicit(box->va, CX6DX_BYTES(cmd_mailbox));
		dma_pool_free(cmd->mailboxes, box->va, box->dma);
		kfree(box);
		box = next;
	}
}

/* Chain for what of @len bytes does not fit the queue entry; NULL if nothing */
static struct mailbox *mailboxes_alloc(struct cx6dx_cmd *cmd, size_t len,
				       u8 token)
{
	int blocks = len > CMD_INLINE_BYTES ?
		     DIV_ROUND_UP(len - CMD_INLINE_BYTES, MAILBOX_BYTES) : 0;
	struct mailbox *head = NULL;
	int i;

	/* from the last to the first, so that each knows its follower */
	for (i = blocks - 1; i >= 0; i--) {
		struct mailbox *box = kzalloc(sizeof(*box), GFP_KERNEL);

		if (!box)
			goto err;
		box->next = head;
		box->va = dma_pool_zalloc(cmd->mailboxes, GFP_KERNEL,
					  &box->dma);
		if (!box->va) {
			kfree(box);
			goto err;
		}
		CX6DX_SET64(cmd_mailbox, box->va, next, head ? head->dma : 0);
		CX6DX_SET(cmd_mailbox, box->va, block_num, i);
		CX6DX_SET(cmd_mailbox, box->va, token, token);
		head = box;
	}
	return head;

err:
	mailboxes_free(cmd, head);
	return ERR_PTR(-ENOMEM);
}

static void copy_in(u8 *entry, struct mailbox *box, const u8 *in, size_t len)
{
	size_t n = min_t(size_t, len, CMD_INLINE_BYTES);

	memcpy(CX6DX_AREA(cmd_entry, entry, in), in, n);
	while ((len -= n)) {
		in += n;
		n = min_t(size_t, len, MAILBOX_BYTES);
		memcpy(CX6DX_AREA(cmd_mailbox, box->va, data), in, n);
		box = box->next;
	}
}

static void copy_out(const u8 *entry, struct mailbox *box, u8 *out, size_t len)
{
	size_t n = min_t(size_t, len, CMD_INLINE_BYTES);

	memcpy(out, CX6DX_AREA(cmd_entry, entry, out), n);
	while ((len -= n)) {
		out += n;
		n = min_t(size_t, len, MAILBOX_BYTES);
		memcpy(out, CX6DX_AREA(cmd_mailbox, box->va, data), n);
		box = box->next;
	}
}

static bool slot_owned_by_device(struct cx6dx_cmd *cmd, unsigned int slot)
{
	u8 *entry = cmd_entry(cmd, slot);

	/* the last byte carries the delivery status and the owner bit */
	return READ_ONCE(entry[CX6DX_OFF_(cmd_entry, hw_owned) + 3]) & 1;
}

/* Takes a slot; MANAGE_PAGES has one of its own, so that it never waits */
static int slot_get(struct cx6dx_cmd *cmd, bool pages, u8 *token)
{
	unsigned int slot = cmd->num_slots - 1;

	if (pages)
		mutex_lock(&cmd->pages_lock);
	else
		down(&cmd->free_slots);

	spin_lock(&cmd->lock);
	if (!pages)
		slot = find_first_zero_bit(&cmd->busy, cmd->num_slots - 1);
	__set_bit(slot, &cmd->busy);
	if (!++cmd->token)
		cmd->token = 1;
	*token = cmd->token;
	spin_unlock(&cmd->lock);
	return slot;
}

static void slot_put(struct cx6dx_cmd *cmd, unsigned int slot)
{
	spin_lock(&cmd->lock);
	__clear_bit(slot, &cmd->busy);
	spin_unlock(&cmd->lock);

	if (slot == cmd->num_slots - 1)
		mutex_unlock(&cmd->pages_lock);
	else
		up(&cmd->free_slots);
}

static int wait_polling(struct cx6dx_dev *cdev, unsigned int slot)
{
	unsigned long deadline = jiffies + msecs_to_jiffies(CMD_TIMEOUT_MS);

	while (slot_owned_by_device(&cdev->cmd, slot)) {
		if (time_after(jiffies, deadline) ||
		    !pci_device_is_present(cdev->pdev))
			return -ETIMEDOUT;
		/* before there is an event queue nothing else tells */
		usleep_range(20, 100);
	}
	return 0;
}

static int wait_event_mode(struct cx6dx_dev *cdev, unsigned int slot)
{
	struct completion *done = &cdev->cmd.slot[slot].done;
	unsigned int waited_ms = 0;

	while (!wait_for_completion_timeout(done, msecs_to_jiffies(1000))) {
		waited_ms += 1000;
		if (!slot_owned_by_device(&cdev->cmd, slot)) {
			dev_warn(cdev->dev, "event of command slot %u lost\n",
				 slot);
			cx6dx_async_eq_recover(cdev);
			return 0;
		}
		if (waited_ms >= CMD_TIMEOUT_MS ||
		    !pci_device_is_present(cdev->pdev))
			return -ETIMEDOUT;
	}
	return 0;
}

static int status_to_errno(u32 status)
{
	switch (status) {
	case CX6DX_STATUS_OK:
		return 0;
	case CX6DX_STATUS_RES_BUSY:
		return -EBUSY;
	case CX6DX_STATUS_NOT_READY:
	case CX6DX_STATUS_NO_RES_ERR:
		return -EAGAIN;
	case CX6DX_STATUS_LIM_ERR:
		return -ENOMEM;
	case CX6DX_STATUS_INTERNAL_ERR:
	case CX6DX_STATUS_BAD_SYS_STATE:
	case CX6DX_STATUS_BAD_INP_LEN:
	case CX6DX_STATUS_BAD_OUTP_LEN:
		return -EIO;
	default:
		return -EINVAL;
	}
}

static int result(struct cx6dx_dev *cdev, u8 *entry, const u8 *in,
		  const u8 *out)
{
	u32 delivery = CX6DX_GET(cmd_entry, entry, delivery_status);
	u32 status = CX6DX_GET(cmd_out, out, status);

	if (delivery != CX6DX_DELIVERY_OK) {
		dev_err(cdev->dev, "command 0x%x: delivery status 0x%x\n",
			CX6DX_GET(cmd_in, in, opcode), delivery);
		return -EIO;
	}
	if (status != CX6DX_STATUS_OK)
		dev_err_ratelimited(cdev->dev,
				    "command 0x%x op_mod 0x%x: status 0x%x, syndrome 0x%x\n",
				    CX6DX_GET(cmd_in, in, opcode),
				    CX6DX_GET(cmd_in, in, op_mod), status,
				    CX6DX_GET(cmd_out, out, syndrome));
	return status_to_errno(status);
}

static void fill_entry(u8 *entry, const void *in, size_t inlen,
		       struct mailbox *in_box, size_t outlen,
		       struct mailbox *out_box, u8 token)
{
	memset(entry, 0, CX6DX_BYTES(cmd_entry));
	CX6DX_SET(cmd_entry, entry, type, CX6DX_CMD_TYPE_PCI);
	CX6DX_SET(cmd_entry, entry, inlen, inlen);
	CX6DX_SET64(cmd_entry, entry, in_ptr, in_box ? in_box->dma : 0);
	CX6DX_SET64(cmd_entry, entry, out_ptr, out_box ? out_box->dma : 0);
	CX6DX_SET(cmd_entry, entry, outlen, outlen);
	CX6DX_SET(cmd_entry, entry, token, token);
	copy_in(entry, in_box, in, inlen);
}

/*
 * Executes the command in @in and waits for it.  @out receives @outlen bytes;
 * both lengths are at least 16.  May sleep.  Returns 0 or a negative errno.
 */
int cx6dx_cmd_exec(struct cx6dx_dev *cdev, void *in, size_t inlen,
		   void *out, size_t outlen)
{
	struct cx6dx_cmd *cmd = &cdev->cmd;
	struct mailbox *in_box, *out_box;
	unsigned int slot;
	bool pages;
	u8 *entry;
	u8 token;
	int err;

	if (READ_ONCE(cmd->dead))
		return -EIO;
	pages = CX6DX_GET(cmd_in, in, opcode) == CX6DX_CMD_MANAGE_PAGES;
	slot = slot_get(cmd, pages, &token);
	entry = cmd_entry(cmd, slot);

	in_box = mailboxes_alloc(cmd, inlen, token);
	if (IS_ERR(in_box)) {
		err = PTR_ERR(in_box);
		goto out_slot;
	}
	out_box = mailboxes_alloc(cmd, outlen, token);
	if (IS_ERR(out_box)) {
		err = PTR_ERR(out_box);
		goto out_in;
	}

	fill_entry(entry, in, inlen, in_box, outlen, out_box, token);
	reinit_completion(&cmd->slot[slot].done);
	CX6DX_SET(cmd_entry, entry, hw_owned, 1);

	/* the device must see the entry before the doorbell */
	wmb();
	iowrite32be(BIT(slot), cdev->iseg + CX6DX_ISEG_CMD_DBELL);

	err = cmd->events ? wait_event_mode(cdev, slot) :
			    wait_polling(cdev, slot);
	if (err) {
		/* slot and mailboxes stay with the device for good */
		dev_err(cdev->dev, "command 0x%x never completed\n",
			CX6DX_GET(cmd_in, in, opcode));
		WRITE_ONCE(cmd->dead, true);
		if (pages)
			mutex_unlock(&cmd->pages_lock);
		else
			up(&cmd->free_slots);
		return err;
	}
	/* read the output only after the owner bit */
	dma_rmb();
	copy_out(entry, out_box, out, outlen);
	err = result(cdev, entry, in, out);
	memzero_explicit(CX6DX_AREA(cmd_entry, entry, in), CMD_INLINE_BYTES);

	mailboxes_free(cmd, out_box);
out_in:
	mailboxes_free(cmd, in_box);
out_slot:
	slot_put(cmd, slot);
	return err;
}

/* A command that has nothing but a number in and nothing but a status out */
int cx6dx_cmd_simple(struct cx6dx_dev *cdev, u16 opcode, u32 number)
{
	u8 out[CX6DX_BYTES(cmd_out)] = {};
	u8 in[CX6DX_BYTES(cmd_in)] = {};

	CX6DX_SET(cmd_in, in, opcode, opcode);
	CX6DX_SET(cmd_in, in, number, number);
	return cx6dx_cmd_exec(cdev, in, sizeof(in), out, sizeof(out));
}

/* A command that returns the number of a new object */
int cx6dx_cmd_create(struct cx6dx_dev *cdev, u16 opcode, void *in,
		     size_t inlen, u32 *number)
{
	u8 out[CX6DX_BYTES(cmd_out)] = {};
	int err;

	CX6DX_SET(cmd_in, (u8 *)in, opcode, opcode);
	err = cx6dx_cmd_exec(cdev, in, inlen, out, sizeof(out));
	if (!err)
		*number = CX6DX_GET(cmd_out, out, number);
	return err;
}

/* Event queue: the commands in @vector have completed.  Any context. */
void cx6dx_cmd_complete(struct cx6dx_dev *cdev, u32 vector)
{
	unsigned long bits = vector;
	unsigned int slot;

	for_each_set_bit(slot, &bits, cdev->cmd.num_slots)
		complete(&cdev->cmd.slot[slot].done);
}

/* Switches between polling and events; no command may be in flight */
void cx6dx_cmd_events(struct cx6dx_dev *cdev, bool on)
{
	cdev->cmd.events = on;
}

int cx6dx_cmd_init(struct cx6dx_dev *cdev)
{
	u32 rev = ioread32be(cdev->iseg + CX6DX_ISEG_CMDIF_REV_FW_SUB);
	u32 geometry = ioread32be(cdev->iseg + CX6DX_ISEG_CMDQ_ADDR_L_SZ);
	unsigned int log_slots = geometry >> 4 & 0xf;
	struct cx6dx_cmd *cmd = &cdev->cmd;
	unsigned int i;
	int err;

	if (rev >> 16 != CX6DX_CMDIF_REV) {
		dev_err(cdev->dev, "command interface revision %u, not %u\n",
			rev >> 16, CX6DX_CMDIF_REV);
		return -ENODEV;
	}
	cmd->log_stride = geometry & 0xf;
	cmd->num_slots = 1U << log_slots;
	if (log_slots < 1 || cmd->num_slots > CX6DX_CMD_MAX_SLOTS ||
	    log_slots + cmd->log_stride > PAGE_SHIFT ||
	    1U << cmd->log_stride < CX6DX_BYTES(cmd_entry)) {
		dev_err(cdev->dev, "odd command queue geometry 0x%x\n",
			geometry);
		return -ENODEV;
	}

	spin_lock_init(&cmd->lock);
	mutex_init(&cmd->pages_lock);
	sema_init(&cmd->free_slots, cmd->num_slots - 1);
	for (i = 0; i < cmd->num_slots; i++)
		init_completion(&cmd->slot[i].done);

	cmd->mailboxes = dma_pool_create("cx6dx_mailbox", cdev->dev,
					 CX6DX_BYTES(cmd_mailbox), 1024, 0);
	if (!cmd->mailboxes)
		return -ENOMEM;
	err = cx6dx_buf_alloc(cdev, &cmd->queue, CX6DX_PAGE_BYTES);
	if (err)
		goto err_pool;

	iowrite32be(upper_32_bits(cmd->queue.dma),
		    cdev->iseg + CX6DX_ISEG_CMDQ_ADDR_H);
	iowrite32be(lower_32_bits(cmd->queue.dma),
		    cdev->iseg + CX6DX_ISEG_CMDQ_ADDR_L_SZ);
	return 0;

err_pool:
	dma_pool_destroy(cmd->mailboxes);
	return err;
}

void cx6dx_cmd_cleanup(struct cx6dx_dev *cdev)
{
	/* what a lost command left to the device is not taken back */
	if (cdev->cmd.dead)
		return;
	cx6dx_buf_free(cdev, &cdev->cmd.queue);
	dma_pool_destroy(cdev->cmd.mailboxes);
}
