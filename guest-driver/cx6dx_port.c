// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * cx6dx_tls: the port (PRM "Access Registers", "Virtual Port")
 *
 * Link, MTU, MAC address and the one hardware counter that the driver shows.
 */
#include "cx6dx.h"

#define LOCAL_PORT	1

/* Reads or writes an access register of @bytes bytes in place */
int cx6dx_reg_access(struct cx6dx_dev *cdev, u16 reg, bool write, void *data,
		     size_t bytes)
{
	u8 out[CX6DX_BYTES(access_register_out) + CX6DX_REG_MAX_BYTES] = {};
	u8 in[CX6DX_BYTES(access_register_in) + CX6DX_REG_MAX_BYTES] = {};
	int err;

	if (bytes > CX6DX_REG_MAX_BYTES)
		return -EINVAL;
	CX6DX_SET(cmd_in, in, opcode, CX6DX_CMD_ACCESS_REG);
	CX6DX_SET(access_register_in, in, op_mod,
		  write ? CX6DX_REG_WRITE : CX6DX_REG_READ);
	CX6DX_SET(access_register_in, in, register_id, reg);
	memcpy(in + CX6DX_BYTES(access_register_in), data, bytes);
	err = cx6dx_cmd_exec(cdev, in, CX6DX_BYTES(access_register_in) + bytes,
			     out, CX6DX_BYTES(access_register_out) + bytes);
	if (!err)
		memcpy(data, out + CX6DX_BYTES(access_register_out), bytes);
	return err;
}

int cx6dx_port_set_admin(struct cx6dx_dev *cdev, bool up)
{
	u8 paos[CX6DX_BYTES(paos_reg)] = {};

	CX6DX_SET(paos_reg, paos, local_port, LOCAL_PORT);
	CX6DX_SET(paos_reg, paos, admin_status,
		  up ? CX6DX_PORT_UP : CX6DX_PORT_DOWN);
	CX6DX_SET(paos_reg, paos, ase, 1);
	CX6DX_SET(paos_reg, paos, ee, 1);
	CX6DX_SET(paos_reg, paos, e, 1);
	return cx6dx_reg_access(cdev, CX6DX_REG_PAOS, true, paos,
				sizeof(paos));
}

int cx6dx_port_set_mtu(struct cx6dx_dev *cdev, u16 hw_mtu)
{
	u8 pmtu[CX6DX_BYTES(pmtu_reg)] = {};

	CX6DX_SET(pmtu_reg, pmtu, local_port, LOCAL_PORT);
	CX6DX_SET(pmtu_reg, pmtu, admin_mtu, hw_mtu);
	return cx6dx_reg_access(cdev, CX6DX_REG_PMTU, true, pmtu,
				sizeof(pmtu));
}

int cx6dx_port_max_mtu(struct cx6dx_dev *cdev, u16 *hw_mtu)
{
	u8 pmtu[CX6DX_BYTES(pmtu_reg)] = {};
	int err;

	CX6DX_SET(pmtu_reg, pmtu, local_port, LOCAL_PORT);
	err = cx6dx_reg_access(cdev, CX6DX_REG_PMTU, false, pmtu,
			       sizeof(pmtu));
	if (!err)
		*hw_mtu = CX6DX_GET(pmtu_reg, pmtu, max_mtu);
	return err;
}

int cx6dx_port_get_pause(struct cx6dx_dev *cdev, bool *rx, bool *tx)
{
	u8 pfcc[CX6DX_BYTES(pfcc_reg)] = {};
	int err;

	CX6DX_SET(pfcc_reg, pfcc, local_port, LOCAL_PORT);
	err = cx6dx_reg_access(cdev, CX6DX_REG_PFCC, false, pfcc,
			       sizeof(pfcc));
	if (!err) {
		*rx = CX6DX_GET(pfcc_reg, pfcc, pprx);
		*tx = CX6DX_GET(pfcc_reg, pfcc, pptx);
	}
	return err;
}

int cx6dx_port_set_pause(struct cx6dx_dev *cdev, bool rx, bool tx)
{
	u8 pfcc[CX6DX_BYTES(pfcc_reg)] = {};

	CX6DX_SET(pfcc_reg, pfcc, local_port, LOCAL_PORT);
	CX6DX_SET(pfcc_reg, pfcc, pprx, rx);
	CX6DX_SET(pfcc_reg, pfcc, pptx, tx);
	return cx6dx_reg_access(cdev, CX6DX_REG_PFCC, true, pfcc,
				sizeof(pfcc));
}

int cx6dx_port_link_up(struct cx6dx_dev *cdev, bool *up)
{
	u8 out[CX6DX_BYTES(query_vport_state_out)] = {};
	u8 in[CX6DX_BYTES(cmd_in)] = {};
	int err;

	CX6DX_SET(cmd_in, in, opcode, CX6DX_CMD_QUERY_VPORT_STATE);
	err = cx6dx_cmd_exec(cdev, in, sizeof(in), out, sizeof(out));
	if (!err)
		*up = CX6DX_GET(query_vport_state_out, out, state) ==
		      CX6DX_VPORT_STATE_UP;
	return err;
}

/* The permanent MAC address */
int cx6dx_port_mac(struct cx6dx_dev *cdev, u8 *mac)
{
	u8 out[CX6DX_BYTES(query_nic_vport_context_out) +
	       CX6DX_BYTES(nic_vport_context)] = {};
	u8 *ctx = out + CX6DX_BYTES(query_nic_vport_context_out);
	u8 in[CX6DX_BYTES(query_nic_vport_context_in)] = {};
	int err;

	CX6DX_SET(cmd_in, in, opcode, CX6DX_CMD_QUERY_NIC_VPORT_CONTEXT);
	err = cx6dx_cmd_exec(cdev, in, sizeof(in), out, sizeof(out));
	if (err)
		return err;
	put_unaligned_be16(CX6DX_GET(nic_vport_context, ctx,
				     permanent_mac_47_32), mac);
	put_unaligned_be32(CX6DX_GET(nic_vport_context, ctx,
				     permanent_mac_31_0), mac + 2);
	return 0;
}

/* Frames that found no receive WQE, since the counter was made */
int cx6dx_port_out_of_buffer(struct cx6dx_dev *cdev, u32 *count)
{
	u8 out[CX6DX_BYTES(query_q_counter_out)] = {};
	u8 in[CX6DX_BYTES(query_q_counter_in)] = {};
	int err;

	CX6DX_SET(cmd_in, in, opcode, CX6DX_CMD_QUERY_Q_COUNTER);
	CX6DX_SET(query_q_counter_in, in, counter_set_id, cdev->q_counter);
	err = cx6dx_cmd_exec(cdev, in, sizeof(in), out, sizeof(out));
	if (!err)
		*count = CX6DX_GET(query_q_counter_out, out, out_of_buffer);
	return err;
}
