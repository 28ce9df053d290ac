/**
 * Calls of the recorded format, made on the naive driver: file numbers and arguments first.
 *
 * Invariant: shares no code with core/. Source: conformance format, section 1, ops and finding 12.
 */
import type { naiveDriver } from './naive-driver.js';
import type { Dict, NaiveEnclave, NaiveOp } from './naive-state.js';

type Driver = ReturnType<typeof naiveDriver>;

export function callNaive(driver: Driver, [name, ...rest]: NaiveOp): Dict {
  const last = rest.at(-1);
  const options = (
    typeof last === 'object' && last !== null && !Array.isArray(last) ? last : {}
  ) as { mm?: number; fault?: string; cap?: boolean };
  const { mm = 0, fault } = options;
  const n = (i: number) => Number(rest[i]);
  const u64 = (i: number) => BigInt(rest[i] as number | string);
  const on = (body: (e: NaiveEnclave) => Dict): Dict => {
    const e = driver.open(n(0));
    if (e === undefined) return { rc: n(0) === 3 ? -25 : -9 };
    return body(e);
  };
  switch (name) {
    case 'setCpuPool':
      return driver.setCpuPool(String(rest[0]), options.cap !== false);
    case 'createVm':
      return driver.createVm(mm, fault);
    case 'addVcpu':
      return on((e) => driver.addVcpu(e, n(1), mm, fault));
    case 'getImageLoadInfo':
      return on((e) => driver.loadInfo(e, u64(1), fault));
    case 'setUserMemoryRegion':
      return on((e) => driver.setMemory(e, [u64(1), u64(2), u64(3)], mm, fault));
    case 'startEnclave':
      return on((e) => driver.start(e, u64(1), u64(2), fault));
    case 'ioctl':
      return { rc: Number(rawRequest(driver, [n(0), n(1)], mm, fault).rc) };
    case 'mmap': {
      const phys = (rest[4] as [string, number][]).flatMap(([first, count]) =>
        Array.from({ length: count }, (_, i) => BigInt(first) + BigInt(i) * u64(1)),
      );
      return driver.map({ at: u64(0), pageSize: u64(1), node: n(2), huge: n(3) === 1, phys });
    }
    case 'munmap':
      return driver.unmap(u64(0));
    case 'close':
      return driver.close(n(0));
    case 'poll':
      return driver.poll(n(0));
    case 'exitEvent':
      return driver.exitEvent(n(0), n(1));
    case 'failNext':
      return driver.failNext(String(rest[0]), n(1), n(2));
    case 'cpuHotplug':
      return driver.hotplug(n(0), n(1));
    case 'pciRemove':
      return driver.setBound(0);
    default:
      return driver.setBound(1);
  }
}

function rawRequest(driver: Driver, [fd = 0, nr = 0]: number[], mm: number, fault?: string): Dict {
  if (fd === 3) return nr === 0x20 ? driver.createVm(mm, fault) : { rc: -25 };
  const e = driver.open(fd);
  if (e === undefined) return { rc: -9 };
  if (nr === 0x21) return driver.addVcpu(e, 0, mm, fault);
  if (nr === 0x22) return driver.loadInfo(e, 0n, fault);
  if (nr === 0x23) return driver.setMemory(e, [0n, 0n, 0n], mm, fault);
  return nr === 0x24 ? driver.start(e, 0n, 0n, fault) : { rc: -25 };
}
