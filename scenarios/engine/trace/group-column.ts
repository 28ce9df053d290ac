/**
 * The groups of a trace's rows: a name in one column, its rule in another, both or neither.
 *
 * Invariant: requests of one group hold one and the same object, and a group has one rule: where names
 * are unique, a row that says another one is told with the line that said the first. Nothing of the
 * file's own text is kept. Trade-off: all names are kept, so their number and length are bounded.
 */
import { GROUP_RULES, type RequestGroup } from '../request.js';

/** Groups that a trace may have, and characters of a name. */
const MOST_GROUPS = 1_000_000;
const MOST_NAME = 200;

/** `unique`: a name is one group. `per-rule`: each rule numbers its own, as a public trace does. */
export const GROUP_NAMES = ['unique', 'per-rule'] as const;
export type GroupNames = (typeof GROUP_NAMES)[number];

export interface GroupColumns {
  readonly group: string;
  readonly rule: string;
  readonly names: GroupNames;
}

interface Known {
  readonly group: RequestGroup;
  readonly line: number;
}

export class GroupColumn {
  private readonly columns: GroupColumns;
  private readonly most: number;
  private readonly known = new Map<string, Known>();

  constructor(columns: GroupColumns, most = MOST_GROUPS) {
    this.columns = columns;
    this.most = most;
  }

  /** The group of a row by its two fields; undefined = none, text = what is wrong. */
  read(name: string, word: string, line: number): RequestGroup | string | undefined {
    const { columns } = this;
    if (name === '' && word === '') return undefined;
    if (name === '') return `${columns.rule} is ${shown(word)}, and ${columns.group} is missing`;
    if (word === '') return `${columns.group} is ${shown(name)}, and ${columns.rule} is missing`;
    const rule = GROUP_RULES.find((one) => one === word);
    if (rule === undefined) {
      return `${columns.rule} is none of ${GROUP_RULES.join(', ')}: ${shown(word)}`;
    }
    if (name.length > MOST_NAME) return `${columns.group} is longer than ${MOST_NAME} characters`;
    const key = columns.names === 'unique' ? name : `${rule} ${name}`;
    const before = this.known.get(key);
    if (before === undefined) return this.add(key, { name, rule }, line);
    if (before.group.rule === rule) return before.group;
    const first = `${before.group.rule} on line ${before.line}`;
    const told = `${columns.group} ${shown(name)} is of ${first} and of ${rule} here`;
    return `${told}; where each rule numbers its own groups, say \`groupNames: per-rule\``;
  }

  private add(key: string, { name, rule }: RequestGroup, line: number): RequestGroup | string {
    if (this.known.size === this.most) return `more than ${this.most} groups`;
    // Copies: a piece of the file would keep its whole block.
    const group = { name: Buffer.from(name).toString(), rule };
    this.known.set(Buffer.from(key).toString(), { group, line });
    return group;
  }
}

function shown(text: string): string {
  return `"${text.slice(0, 40)}"`;
}
