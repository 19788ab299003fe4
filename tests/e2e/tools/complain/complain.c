// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Makes the kernel complain, in the way that the parameter "how" names.
 *
 * With it a test can see that a kernel's own reports are noticed whatever the
 * command in the guest says.  It does nothing else and never stays loaded.
 */

#include <linux/bug.h>
#include <linux/errno.h>
#include <linux/init.h>
#include <linux/module.h>
#include <linux/string.h>

static char *how = "warn";
module_param(how, charp, 0);
MODULE_PARM_DESC(how, "warn or bug");

static int __init complain_init(void)
{
	if (!strcmp(how, "warn"))
		WARN(1, "complain: as asked\n");
	else if (!strcmp(how, "bug"))
		BUG();
	return -EINVAL;
}

module_init(complain_init);

MODULE_DESCRIPTION("Makes the kernel complain, for tests");
MODULE_LICENSE("GPL");
