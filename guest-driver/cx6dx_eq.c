// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * cx6dx_tls: event queues (PRM "Event Queues")
 *
 * Vector 0 carries one asynchronous EQ: commands, port changes, CQ errors and
 * page requests.  Every channel has a completion EQ on a vector of its own;
 * as only one CQ reports there, an event means "poll that channel" and its
 * content is not looked at.  Each interrupt costs one register write, which
 * moves the consumer index and arms the EQ in one.
 */
#include "cx6dx.h"

#define ASYNC_EQ_LOG_SIZE	9
#define COMP_EQ_LOG_SIZE	6

static u8 *eq_entry(struct cx6dx_eq *eq, u32 index)
{
	return (u8 *)eq->buf.va + (index & eq->mask) * CX6DX_BYTES(eqe);
}

/* The next event, or NULL */
static u8 *eq_next(struct cx6dx_eq *eq)
{
	u8 *eqe = eq_entry(eq, eq->ci);
	u8 owner = READ_ONCE(eqe[CX6DX_OFF_(eqe, owner) + 3]) & 1;

	if (owner != (eq->ci >> eq->log_size & 1))
		return NULL;
	/* the rest of the entry only after the owner bit */
	dma_rmb();
	return eqe;
}

static void eq_update(struct cx6dx_eq *eq, u32 reg)
{
	u32 db = CX6DX_BITS(eq_doorbell, eqn, eq->eqn) |
		 (eq->ci & CX6DX_FIELD_MAX(eq_doorbell, consumer_index));

	cx6dx_uar_write32(eq->cdev->uar + reg, db);
}

static void page_request(struct cx6dx_dev *cdev, s32 count)
{
	WRITE_ONCE(cdev->pages_wanted, count);
	queue_work(cdev->wq, &cdev->page_work);
}

static void async_event(struct cx6dx_dev *cdev, const u8 *eqe)
{
	u32 type = CX6DX_GET(eqe, eqe, type);

	switch (type) {
	case CX6DX_EVENT_CMD:
		cx6dx_cmd_complete(cdev, CX6DX_GET(eqe, eqe, cmd_vector));
		break;
	case CX6DX_EVENT_PORT_CHANGE:
		cx6dx_netdev_link_event(cdev);
		break;
	case CX6DX_EVENT_CQ_ERROR:
		dev_err(cdev->dev, "CQ 0x%x failed, syndrome 0x%x\n",
			CX6DX_GET(eqe, eqe, cq_err_cqn),
			CX6DX_GET(eqe, eqe, cq_err_syndrome));
		if (cdev->netdev)
			cx6dx_netdev_restart(netdev_priv(cdev->netdev));
		break;
	case CX6DX_EVENT_PAGE_REQUEST:
		/* the signed count is the second word of the event's data */
		page_request(cdev, (s32)cx6dx_prm_load(CX6DX_AREA(eqe, eqe, data) + 4));
		break;
	default:
		dev_warn_ratelimited(cdev->dev, "event of type 0x%x\n", type);
	}
}

static irqreturn_t async_irq(int irq, void *data)
{
	struct cx6dx_eq *eq = data;
	const u8 *eqe;

	while ((eqe = eq_next(eq))) {
		async_event(eq->cdev, eqe);
		eq->ci++;
	}
	eq_update(eq, CX6DX_UAR_EQ_ARM);
	return IRQ_HANDLED;
}

/* After an interrupt that never came: take its events, and arm for the next */
void cx6dx_async_eq_recover(struct cx6dx_dev *cdev)
{
	struct cx6dx_eq *eq = &cdev->async_eq;

	disable_irq(eq->irq);
	async_irq(eq->irq, eq);
	enable_irq(eq->irq);
}

static irqreturn_t comp_irq(int irq, void *data)
{
	struct cx6dx_eq *eq = data;

	while (eq_next(eq))
		eq->ci++;
	napi_schedule_irqoff(&eq->ch->napi);
	eq_update(eq, CX6DX_UAR_EQ_ARM);
	return IRQ_HANDLED;
}

static int eq_create_cmd(struct cx6dx_eq *eq, int vector, u64 events)
{
	unsigned int pages = cx6dx_buf_pages(&eq->buf);
	size_t inlen = CX6DX_BYTES(create_eq_in) + pages * sizeof(u64);
	u8 out[CX6DX_BYTES(eq_out)] = {};
	u8 *in, *eqc;
	int err;

	in = kzalloc(inlen, GFP_KERNEL);
	if (!in)
		return -ENOMEM;
	CX6DX_SET(cmd_in, in, opcode, CX6DX_CMD_CREATE_EQ);
	eqc = CX6DX_AREA(create_eq_in, in, eq_context_entry);
	CX6DX_SET(eqc, eqc, log_eq_size, eq->log_size);
	CX6DX_SET(eqc, eqc, uar_page, eq->cdev->uarn);
	CX6DX_SET(eqc, eqc, intr, vector);
	put_unaligned_be64(events, CX6DX_AREA(create_eq_in, in, event_bitmask));
	cx6dx_buf_fill_pas(&eq->buf, in + CX6DX_BYTES(create_eq_in));
	err = cx6dx_cmd_exec(eq->cdev, in, inlen, out, sizeof(out));
	kfree(in);
	if (!err)
		eq->eqn = CX6DX_GET(eq_out, out, eq_number);
	return err;
}

static int eq_create(struct cx6dx_eq *eq, int vector, u8 log_size, u64 events,
		     irq_handler_t handler)
{
	struct cx6dx_dev *cdev = eq->cdev;
	u32 i;
	int err;

	eq->log_size = log_size;
	eq->mask = (1U << log_size) - 1;
	eq->ci = 0;
	eq->irq = pci_irq_vector(cdev->pdev, vector);
	err = cx6dx_buf_alloc(cdev, &eq->buf,
			      (size_t)CX6DX_BYTES(eqe) << log_size);
	if (err)
		return err;
	for (i = 0; i <= eq->mask; i++)
		CX6DX_SET(eqe, eq_entry(eq, i), owner, 1);

	err = eq_create_cmd(eq, vector, events);
	if (err)
		goto err_buf;
	err = request_irq(eq->irq, handler, 0, eq->name, eq);
	if (err)
		goto err_eq;
	eq_update(eq, CX6DX_UAR_EQ_ARM);
	return 0;

err_eq:
	cx6dx_cmd_simple(cdev, CX6DX_CMD_DESTROY_EQ, eq->eqn);
err_buf:
	cx6dx_buf_free(cdev, &eq->buf);
	return err;
}

static void eq_destroy(struct cx6dx_eq *eq)
{
	cx6dx_cmd_simple(eq->cdev, CX6DX_CMD_DESTROY_EQ, eq->eqn);
	free_irq(eq->irq, eq);
	cx6dx_buf_free(eq->cdev, &eq->buf);
}

int cx6dx_async_eq_create(struct cx6dx_dev *cdev)
{
	u64 events = BIT_ULL(CX6DX_EVENT_CMD) | BIT_ULL(CX6DX_EVENT_CQ_ERROR) |
		     BIT_ULL(CX6DX_EVENT_PORT_CHANGE);
	struct cx6dx_eq *eq = &cdev->async_eq;
	int err;

	if (!cdev->caps.page_request_disable)
		events |= BIT_ULL(CX6DX_EVENT_PAGE_REQUEST);
	eq->cdev = cdev;
	snprintf(eq->name, sizeof(eq->name), "cx6dx-async@%s",
		 pci_name(cdev->pdev));
	err = eq_create(eq, 0, ASYNC_EQ_LOG_SIZE, events, async_irq);
	if (!err)
		cx6dx_cmd_events(cdev, true);
	return err;
}

void cx6dx_async_eq_destroy(struct cx6dx_dev *cdev)
{
	cx6dx_cmd_events(cdev, false);
	eq_destroy(&cdev->async_eq);
}

int cx6dx_comp_eq_create(struct cx6dx_channel *ch)
{
	struct cx6dx_eq *eq = &ch->eq;
	int err;

	eq->cdev = ch->cdev;
	eq->ch = ch;
	snprintf(eq->name, sizeof(eq->name), "%s-%d", ch->netdev->name,
		 ch->ix);
	err = eq_create(eq, ch->ix + 1, COMP_EQ_LOG_SIZE, 0, comp_irq);
	if (!err)
		irq_set_affinity_and_hint(eq->irq, cpumask_of(ch->cpu));
	return err;
}

void cx6dx_comp_eq_destroy(struct cx6dx_channel *ch)
{
	irq_update_affinity_hint(ch->eq.irq, NULL);
	eq_destroy(&ch->eq);
}
