/** Who decides about colour, width and characters. */
import { describe, expect, it } from 'vitest';
import { decideStyle, NARROWEST } from '../../reports/terminal/style.js';
import { cutText, padText, textWidth, wrapText } from '../../reports/terminal/width.js';

describe('style', () => {
  it.each([
    ['a terminal', {}, true, true],
    ['a pipe', {}, false, false],
    ['NO_COLOR on a terminal', { NO_COLOR: '1' }, true, false],
    ['an empty NO_COLOR', { NO_COLOR: '' }, true, true],
    ['FORCE_COLOR on a pipe', { FORCE_COLOR: '1' }, false, true],
    ['an empty FORCE_COLOR on a pipe', { FORCE_COLOR: '' }, false, true],
    ['FORCE_COLOR=0 on a terminal', { FORCE_COLOR: '0' }, true, false],
    ['NO_COLOR against FORCE_COLOR', { NO_COLOR: '1', FORCE_COLOR: '1' }, true, false],
    ['a dumb terminal', { TERM: 'dumb' }, true, false],
  ])('%s', (_, env, isTTY, color) => {
    expect(decideStyle({ env, isTTY }).color).toBe(color);
  });

  it.each([
    [undefined, 80],
    [0, 80],
    [1, NARROWEST],
    [100, 100],
    [500, 120],
  ])('columns %s give width %i', (columns, width) => {
    expect(decideStyle({ env: {}, isTTY: true, columns }).width).toBe(width);
  });

  it.each([
    ['60', 60],
    ['wide', 80],
    ['-5', 80],
    ['9999', 120],
  ])('a pipe under COLUMNS=%s is %i wide', (COLUMNS, width) => {
    expect(decideStyle({ env: { COLUMNS }, isTTY: false }).width).toBe(width);
  });

  it.each([
    [{ LANG: 'en_US.UTF-8' }, true],
    [{ LC_ALL: 'C', LANG: 'en_US.UTF-8' }, false],
    [{ LC_CTYPE: 'C.utf8' }, true],
    [{}, false],
  ])('locale %o', (env, unicode) => {
    expect(decideStyle({ env, isTTY: true }).unicode).toBe(unicode);
  });
});

describe('columns of text', () => {
  it('wide characters take two, combining ones none', () => {
    expect(textWidth('擎天 e\u0301 ✓')).toBe(8);
  });

  it('cuts before a wide character that does not fit', () => {
    expect(cutText('擎天飞地', 6, '…')).toBe('擎天…');
    expect(cutText('short', 5, '…')).toBe('short');
  });

  it('pads by columns', () => {
    expect(padText('擎', 4, 'right')).toBe('  擎');
  });

  it('breaks at spaces, after separators, and inside words that are too long', () => {
    expect(wrapText('one two three', 7)).toEqual(['one two', 'three']);
    expect(wrapText('aaa · bbb', 5)).toEqual(['aaa ·', 'bbb']);
    expect(wrapText('abcdefgh i', 3)).toEqual(['abc', 'def', 'gh', 'i']);
    // Found bug: the numbers of a command's list were cut in two.
    expect(wrapText('at=[100,2000,300]', 8)).toEqual(['at=[100,', '2000,', '300]']);
    expect(wrapText('a,bcdefghij', 8)).toEqual(['a,bcdefg', 'hij']);
    expect(wrapText('a\nb', 9)).toEqual(['a', 'b']);
  });
});
