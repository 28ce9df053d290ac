/**
 * What to do about each error of the Nitro driver, for a caller of the driver and for nitro-cli.
 *
 * Invariant: one text per row of the error table (errors.ts does not compile without it). The
 * advice is ours; it follows from the checks in nitro RULES.md §1.4 and §1.5.
 */
export const DRIVER_REMEDIES = {
  256: 'Use another id, or 0 for any; with nitro-cli name each id once.',
  257: 'Name a CPU of the pool that no enclave owns, or 0 for any.',
  258: 'Create the enclave after the pool: end it, write the pool, start it again.',
  259: 'Round the size to 2 MiB.',
  260: 'Pass an address of the calling process, mapped for the whole size.',
  261: 'Map hugepages and pass their address.',
  262: 'Pass memory that the enclave does not have yet.',
  263: 'Map with MAP_HUGETLB; with nitro-cli see that hugepages are reserved.',
  264: "Reserve hugepages on the pool's node, and restart the allocator service after a pool change.",
  265: 'Use larger pages, so that fewer ranges are needed, or ask for less memory.',
  266: 'Add memory first.',
  267: 'Add a vCPU first.',
  268: 'Add more memory: 64 MiB is the least, and nitro-cli asks four times the image.',
  269: 'Add the remaining siblings (id 0 picks them): ask for whole cores.',
  270: 'Close the enclave and create a new one; a started enclave cannot be changed.',
  271: 'Use an id of the CPU pool.',
  272: 'Write a larger pool, or end an enclave.',
  273: 'Use 2 MiB or larger pages and start at the head of a page.',
  274: 'Pass a flag the call knows: 1 for the image, 0 for memory, 0 or 1 (debug) for the start.',
  275: 'Pass 0 or a CID from 4 on, below 4294967295.',
} as const;
