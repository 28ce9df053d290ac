/** The driver surface: file numbers, the order of file checks, ordered faults. */

import { describe, expect, it } from 'vitest';
import { type Driver, type DriverAnswer, openDriver } from '../../core/device/driver.js';
import { createPendingFaults } from '../../core/device/driver-faults.js';
import { FILE_RULES } from '../../core/device/driver-file.js';
import { uidsOf } from '../../core/host/records.js';
import { runInPlace } from '../../core/host/step.js';
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

  it.each([
    ['ADD_VCPU', (driver, fd) => driver.addVcpu(fd, 0)],
    ['GET_IMAGE_LOAD_INFO', (driver, fd) => driver.getImageLoadInfo(fd, 1)],
    ['SET_USER_MEMORY_REGION', (driver, fd) => driver.setUserMemoryRegion(fd, 0, 0, 2 ** 21)],
    ['START_ENCLAVE', (driver, fd) => driver.startEnclave(fd, 0, 0)],
    ['close', (driver, fd) => driver.close(fd)],
    ['poll', (driver, fd) => driver.poll(fd)],
    ['a raw request', (driver, fd) => driver.ioctl(fd, 0x24)],
  ] satisfies [string, (driver: Driver, fd: number) => DriverAnswer][])(
    '%s on a file that is not open, or not of an enclave, changes nothing and says why',
    (name, call) => {
      const { driver } = openPool();
      driver.createVm();
      expect(call(driver, 9)).toMatchObject({
        ...{ rc: -9, effects: [] },
        refusal: { rule: 'nitro.file-open', codes: ['EBADF'], numbers: { fd: 9 } },
      });
      const onDevice = call(driver, 3);
      if (name === 'close' || name === 'poll') {
        expect(onDevice).toMatchObject({
          ...{ rc: -9, effects: [] },
          refusal: { rule: 'nitro.file-open', numbers: { fd: 3 } },
        });
      } else {
        expect(onDevice).toMatchObject({
          ...{ rc: -25, effects: [] },
          refusal: { rule: 'nitro.file-request', codes: ['ENOTTY'] },
        });
        expect(onDevice.refusal?.numbers).toMatchObject({ fd: 3, request: expect.any(Number) });
      }
    },
  );

  it('the oldest of several enclaves answers to its own number', () => {
    const { driver } = openPool();
    const [first, second] = [driver.createVm(), driver.createVm()].map(({ rc }) => rc);
    driver.addVcpu(first, 1);
    expect([driver.addVcpu(second, 1).rc, driver.addVcpu(first, 1).rc]).toEqual([-257, -256]);
  });

  it('a file whose release failed is closed: neither its number nor -1 names it', () => {
    const { host, driver } = openPool();
    const { rc: fd } = driver.createVm();
    driver.failNext('SLOT_FREE', 16, 1);
    driver.close(fd);
    expect(uidsOf(host.tree)).toEqual([1]);
    expect([driver.poll(fd).rc, driver.poll(-1).rc]).toEqual([-9, -9]);
    expect([driver.ioctl(fd, 0x99).rc, driver.ioctl(-1, 0x99).rc]).toEqual([-9, -9]);
  });

  it('memory is mapped for every process, and unmapped by its address', () => {
    const { host, driver } = openPool();
    const PAGE = 2 ** 21;
    driver.mmap(2 ** 45, PAGE, 0, true, [[2 ** 40, 1]]);
    const { rc: fd } = driver.createVm({ mm: 3 });
    expect(driver.setUserMemoryRegion(fd, 0, 2 ** 45, PAGE, { mm: 3 }).rc).toBe(0);
    expect(driver.munmap(2 ** 45 + PAGE).rc).toBe(-22);
    expect(driver.munmap(2 ** 45)).toMatchObject({ rc: 0, effects: [{ kind: 'unmap' }] });
    expect(host.tree.mappings).toEqual([]);
  });

  it('their rows say where they are written', () => {
    expect(FILE_RULES.map(({ source }) => source)).toEqual([
      'nitro RULES.md §1.4; finding 12',
      'nitro RULES.md §1.4, §1.5',
    ]);
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

describe('what a call answers', () => {
  it('has a refusal, requests and counted calls only where there were some', () => {
    const { driver } = openPool();
    expect(driver.failNext('GUP', 14, 1)).toStrictEqual({ rc: 0, effects: [] });
    const { rc: fd } = driver.createVm();
    expect(driver.poll(fd)).toStrictEqual({ rc: 0, poll: 0, effects: [] });
  });

  it('is the refusal of a parent that does not run, with no number of a kernel', () => {
    const { host, driver } = openPool();
    runInPlace(host, { kind: 'parent.stop' });
    expect(driver.createVm()).toMatchObject({
      ...{ rc: 0, effects: [] },
      refusal: { rule: 'nitro.parent-running' },
    });
  });
});

describe('ordered faults', () => {
  it('a call that makes no such call leaves the order as it is', () => {
    const { driver } = openPool();
    const { rc: fd } = driver.createVm();
    driver.failNext('FD', 24, 2);
    expect(driver.poll(fd).rc).toBe(0);
    expect(driver.addVcpu(fd, 0).rc).toBe(0);
    expect([0, 0, 0].map(() => driver.createVm().rc)).toEqual([5, -24, 6]);
  });

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
