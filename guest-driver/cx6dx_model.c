// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * cx6dx_tls: what the device's model of time has counted
 *
 * No card has this: the device tells by an access register of its own, name by
 * name, and only while time is modelled.  The names are asked for once.
 */
#include <linux/ethtool.h>

#include "cx6dx.h"

#define NAME_PREFIX	"model_"
#define MAX_NUMBERS	256	/* believe no more of them */

struct cx6dx_model_name {
	char name[ETH_GSTRING_LEN];
};

/* Reads as many numbers as there are from @first on; 0: there are none */
static int read_numbers(struct cx6dx_dev *cdev, u32 first, u8 *reg)
{
	u32 most = CX6DX_AREA_BYTES(model_reg, numbers) /
		   CX6DX_BYTES(model_number);
	int err;

	memset(reg, 0, CX6DX_BYTES(model_reg));
	CX6DX_SET(model_reg, reg, first, first);
	err = cx6dx_reg_access(cdev, CX6DX_REG_MODEL, false, reg,
			       CX6DX_BYTES(model_reg));
	if (err)
		return err;
	return min_t(u32, CX6DX_GET(model_reg, reg, count), most);
}

static u8 *nth_number(u8 *reg, int n)
{
	return CX6DX_AREA(model_reg, reg, numbers) +
	       n * CX6DX_BYTES(model_number);
}

static void read_name(struct cx6dx_model_name *to, const u8 *entry)
{
	snprintf(to->name, sizeof(to->name), NAME_PREFIX "%.*s",
		 (int)CX6DX_AREA_BYTES(model_number, name),
		 (const char *)CX6DX_AREA(model_number, entry, name));
}

/* A device that does not answer has none; nothing else depends on them */
int cx6dx_model_init(struct cx6dx_dev *cdev)
{
	u8 reg[CX6DX_BYTES(model_reg)];
	u32 total, done = 0;
	int i, n;

	n = read_numbers(cdev, 0, reg);
	if (n <= 0)
		return 0;
	total = min_t(u32, CX6DX_GET(model_reg, reg, total), MAX_NUMBERS);
	cdev->model_names = devm_kcalloc(cdev->dev, total,
					 sizeof(*cdev->model_names),
					 GFP_KERNEL);
	if (!cdev->model_names)
		return -ENOMEM;
	while (done < total) {
		for (i = 0; i < n && done < total; i++, done++)
			read_name(&cdev->model_names[done],
				  nth_number(reg, i));
		if (done == total)
			break;
		n = read_numbers(cdev, done, reg);
		if (n <= 0)
			break;
	}
	cdev->num_model_names = done;
	return 0;
}

void cx6dx_model_strings(struct cx6dx_dev *cdev, u8 *data)
{
	memcpy(data, cdev->model_names,
	       cdev->num_model_names * ETH_GSTRING_LEN);
}

/* Those that cannot be read are 0 */
void cx6dx_model_stats(struct cx6dx_dev *cdev, u64 *data)
{
	u8 reg[CX6DX_BYTES(model_reg)];
	u32 done = 0;
	int i, n;

	memset(data, 0, cdev->num_model_names * sizeof(*data));
	while (done < cdev->num_model_names) {
		n = read_numbers(cdev, done, reg);
		if (n <= 0)
			return;
		for (i = 0; i < n && done < cdev->num_model_names; i++, done++)
			data[done] = CX6DX_GET64(model_number,
						 nth_number(reg, i), value);
	}
}
