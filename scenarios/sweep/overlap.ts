/**
 * Settings of a sweep that overwrite one another.
 *
 * Invariant: no two axes set the same place of the fleet, nor one a place inside what the other sets,
 * since the later would win and the tables name a level that did not run; nor does a level overwrite
 * a setting of its own. Trade-off: also refused where the inner place is one that the outer value
 * leaves out; named levels can say the same.
 */
import { formatPath, isWithin, type Path } from '../schema/path.js';
import type { Finding } from '../schema/problem.js';
import type { Axis, Setting } from './axes.js';

interface Placed {
  readonly axis: string;
  readonly setting: Setting;
}

/** One finding a pair of axes, at the later one; and those within a level. */
export function overlapFindings(axes: readonly Axis[]): Finding[] {
  const own = axes.flatMap(({ levels }) =>
    levels.flatMap(({ settings }) => overwrittenIn(settings)),
  );
  return [...own, ...betweenAxes(axes)];
}

function betweenAxes(axes: readonly Axis[]): Finding[] {
  const told = new Map<string, Finding>();
  const tell = (earlier: Placed, later: Placed): void => {
    if (earlier.axis === later.axis) return;
    const pair = JSON.stringify([earlier.axis, later.axis]);
    if (!told.has(pair)) told.set(pair, overlap(earlier, later));
  };
  // A place → who sets it, and a place → who sets something inside it; of each axis the first.
  const outer = new Map<string, Map<string, Placed>>();
  const inner = new Map<string, Map<string, Placed>>();
  for (const { name: axis, levels } of axes) {
    for (const setting of levels.flatMap(({ settings }) => settings)) {
      // A path that could not be read is told elsewhere.
      if (setting.path.length === 0) continue;
      const placed = { axis, setting };
      for (const place of placesAround(setting.path)) {
        for (const earlier of outer.get(place)?.values() ?? []) tell(earlier, placed);
        note(inner, place, placed);
      }
      const place = formatPath(setting.path);
      for (const earlier of inner.get(place)?.values() ?? []) tell(earlier, placed);
      note(outer, place, placed);
    }
  }
  return [...told.values()];
}

function note(index: Map<string, Map<string, Placed>>, place: string, placed: Placed): void {
  const there = index.get(place) ?? new Map<string, Placed>();
  if (!there.has(placed.axis)) there.set(placed.axis, placed);
  index.set(place, there);
}

/** The place itself and all those it lies in. */
function placesAround(path: Path): string[] {
  return path.map((_, depth) => formatPath(path.slice(0, depth + 1)));
}

function overlap(earlier: Placed, later: Placed): Finding {
  const [one, two] = [formatPath(earlier.setting.path), formatPath(later.setting.path)];
  const both = `the axes \`${earlier.axis}\` and \`${later.axis}\` both set`;
  const message =
    one === two
      ? `${both} \`${two}\``
      : `${both} a part of the fleet: \`${earlier.axis}\` sets \`${one}\`, \`${later.axis}\` sets \`${two}\``;
  const suggestion = 'only the later would count; make one axis of them, with named levels';
  return { path: later.setting.namedAt, atKey: true, message, suggestion };
}

/** A setting that a later one of the same level takes away whole. */
function overwrittenIn(settings: readonly Setting[]): Finding[] {
  if (settings.length < 2) return [];
  return settings.flatMap((setting, i): Finding[] => {
    const over = settings
      .slice(i + 1)
      .find(({ path }) => path.length > 0 && isWithin(setting.path, path));
    if (over === undefined) return [];
    const message = `is overwritten by \`${formatPath(over.path)}\` further down in this level`;
    return [{ path: setting.namedAt, atKey: true, message, suggestion: 'leave one of them out' }];
  });
}
