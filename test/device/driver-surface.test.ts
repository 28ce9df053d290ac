/** The driver surface: file numbers, the order of file checks, ordered faults. */

import { describe, expect, it } from 'vitest';
import { openDriver } from '../../core/device/driver.js';
import { createPendingFaults } from '../../core/device/driver-faults.js';
import { uidsOf } from '../../core/host/records.js';
import { nitroHost } from '../platform/nitro-host.js';

function openPool() {
  const host = nitroHost();
  const driver = openDriver(host);
  driver.setCpuPool('1-3,5-7\n');
  return { host, driver };
}

describe('file numbers', () => {
  it('enclave files take the lowest free number from 4 on', () => {
    const { driver } = openPool();
    expect([driver.createVm().fd, driver.createVm().fd, driver.createVm().fd]).toEqual([4, 5, 6]);
    driver.close(5);
    expect(driver.createVm()).toMatchObject({ rc: 5, fd: 5, slot: 4 });
  });

  it('an unknown file is EBADF before a wrong request is ENOTTY before a bad argument is EFAULT', () => {
    const { driver } = openPool();
    const { rc: fd } = driver.createVm();
    expect(driver.ioctl(9, 0x20).rc).toBe(-9);
    expect(driver.ioctl(fd, 0x20, { fault: 'in' }).rc).toBe(-25);
    expect(driver.ioctl(3, 0x21).rc).toBe(-25);
    expect(driver.ioctl(fd, 0x25).rc).toBe(-25);
    expect(driver.addVcpu(fd, 0, { fault: 'in' }).rc).toBe(-14);
    expect(driver.poll(3).rc).toBe(-9);
    expect(driver.close(9).refusal?.rule).toBe('nitro.file-open');
  });

  it('a raw request carries an all-zero argument', () => {
    const { driver } = openPool();
    const { rc: fd } = driver.ioctl(3, 0x20);
    expect(driver.ioctl(fd, 0x21)).toMatchObject({ rc: 0, vcpu: 1 });
    expect(driver.ioctl(fd, 0x22).rc).toBe(-274);
    expect(driver.ioctl(fd, 0x23).rc).toBe(-12);
    expect(driver.ioctl(fd, 0x24).rc).toBe(-266);
  });

  it('a failed CREATE_VM leaves its file number free; only a reply uses up a slot', () => {
    const { host, driver } = openPool();
    driver.failNext('SLOT_ALLOC', 16, 1);
    expect(driver.createVm().rc).toBe(-16);
    expect(driver.createVm({ fault: 'out' })).toMatchObject({
      rc: -14,
      requests: [['ALLOC'], ['FREE', 1]],
    });
    expect(driver.createVm()).toMatchObject({ fd: 4, slot: 2 });
    expect(uidsOf(host.tree)).toEqual([2]);
  });
});

describe('ordered faults', () => {
  it('the k-th coming call fails, once', () => {
    const { driver } = openPool();
    const { rc: fd } = driver.createVm();
    driver.failNext('SLOT_ADD_VCPU', 5, 2);
    expect([0, 0, 0].map((id) => driver.addVcpu(fd, id).rc)).toEqual([0, -5, 0]);
  });

  it('a later order of the same kind replaces the earlier; other kinds stay', () => {
    const faults = createPendingFaults();
    faults.order('GUP', 14, 3);
    faults.order('GUP', 12, 2);
    faults.order('FD', 24, 1);
    faults.settle({ GUP: 1 });
    expect(faults.answers()).toEqual({ GUP: { nth: 1, errno: 12 }, FD: { nth: 1, errno: 24 } });
    faults.settle({ GUP: 5, FD: 1 });
    expect(faults.answers()).toBeUndefined();
  });
});
