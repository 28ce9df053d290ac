/**
 * The dated QingTian documents as data: what each says that the others do not.
 *
 * Invariant: 2022-10 is the source document and the default; a later version differs only by the
 * fields below, and where a document is silent it keeps what the one before it says.
 * Trade-off: regions carry one canonical name each, since the documents print "Shanghai-1",
 * "East China-Shanghai1" and "Shanghai1" for the same place.
 * Sources: Huawei Cloud ECS documentation, QingTian Enclave pages, by date (public repository
 * huaweicloudDocs/ecs); FAQ pages 2025-08; README of the public QingTian tools repository, undated.
 */
export type QingtianVersionId =
  | '2022-10'
  | '2022-11'
  | '2023-06'
  | '2024-04'
  | 'faq-2025-08'
  | 'readme';

export interface QingtianVersion {
  readonly id: QingtianVersionId;
  /** Document and commit. */
  readonly document: string;
  /** Flavor families with enclave support; 'unstated' = the document names none. */
  readonly flavors: readonly string[] | 'unstated';
  readonly regions: readonly string[] | 'unstated';
  /** Enclaves at once on one parent; 'none' = "multiple", no number. */
  readonly maxEnclaves: number | 'none';
  /** Whether "node - 2" and 62 are themselves allowed (the documents disagree by one step). */
  readonly boundary: 'at-most' | 'below';
  /** CID of a start without `--cid`; undefined = the argument is required. */
  readonly defaultCid: number | undefined;
  /** Highest QT code of the published list. */
  readonly lastCode: number;
  /** Added price of an enclave; only the parent's hours count (Q33). */
  readonly enclavePrice: 0;
}

const SEED: QingtianVersion = {
  id: '2022-10',
  document: 'QingTian Enclave user guide, 2022-10-27 (1dee80d)',
  flavors: ['c7e'],
  regions: ['Shanghai-1'],
  maxEnclaves: 2,
  boundary: 'at-most',
  defaultCid: undefined,
  lastCode: 41,
  enclavePrice: 0,
};

/** Codes 42 and 43 are absent in 2022-10; which later page added them is not known [I]. */
const NOVEMBER: QingtianVersion = {
  ...SEED,
  id: '2022-11',
  document: 'QingTian Enclave user guide, 2022-11-16 (0d6dc4a)',
  lastCode: 43,
};

const BETA: QingtianVersion = {
  ...NOVEMBER,
  id: '2023-06',
  document: 'QingTian Enclave user guide, 2023-06-21 (272b95a)',
  flavors: ['c7t'],
};

const THREE_REGIONS: QingtianVersion = {
  ...BETA,
  id: '2024-04',
  document: 'QingTian Enclave user guide, 2024-04-18 (bd661ad)',
  regions: ['Beijing-4', 'Shanghai-1', 'Guangzhou'],
  defaultCid: 4,
};

const FAQ: QingtianVersion = {
  ...THREE_REGIONS,
  id: 'faq-2025-08',
  document: 'QingTian Enclave FAQ, 2025-08 and 2026-01; other rules as of 2024-04',
  flavors: ['c7t', 'kc2'],
};

const README: QingtianVersion = {
  ...FAQ,
  id: 'readme',
  document: 'README of the public QingTian Enclave tools repository, undated',
  flavors: 'unstated',
  regions: 'unstated',
  maxEnclaves: 'none',
  boundary: 'below',
};

/** Every dated version, oldest first. */
export const QINGTIAN_VERSIONS: readonly QingtianVersion[] = [
  SEED,
  NOVEMBER,
  BETA,
  THREE_REGIONS,
  FAQ,
  README,
];

export const DEFAULT_VERSION: QingtianVersionId = '2022-10';

/** The version of an id; throws on an id that is not listed. */
export function qingtianVersion(id: QingtianVersionId = DEFAULT_VERSION): QingtianVersion {
  const found = QINGTIAN_VERSIONS.find((version) => version.id === id);
  if (found === undefined) throw new Error(`no QingTian version "${id}"`);
  return found;
}

/** Flavor and region a host builder gives an explicit topology: the first the version documents. */
export function documentedParent(version: QingtianVersion): { flavor: string; region: string } {
  const first = (names: readonly string[] | 'unstated', other: string) =>
    names === 'unstated' ? other : names[0];
  return { flavor: first(version.flavors, 'c7t'), region: first(version.regions, 'Shanghai-1') };
}
