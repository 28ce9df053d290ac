/** The memory of answers over many questions and much growth, and what it will not learn. */
import { describe, expect, it } from 'vitest';
import { createComponents } from '../../core/explore/components.js';
import { Recall } from '../../core/explore/recall.js';
import { UNKNOWN } from '../../core/explore/tuple-memo.js';

describe('recall', () => {
  it('keeps each question’s answers apart, those of questions added later too', () => {
    const recall = new Recall(2);
    const added = [recall.addQuestion(), recall.addQuestion(), recall.addQuestion()];
    expect(added).toEqual([2, 3, 4]);
    const questions = [0, 1, ...added];
    for (const question of questions) {
      expect(recall.answer(question, Int32Array.of(5))).toBe(UNKNOWN);
      recall.learn(question, [0], Int32Array.of(5), 10 * question);
    }
    for (const question of questions) {
      expect(recall.answer(question, Int32Array.of(5))).toBe(10 * question);
      expect(recall.answer(question, Int32Array.of(6))).toBe(UNKNOWN);
    }
  });

  it('finds thousands of answers again after its tables have grown', () => {
    const recall = new Recall(1);
    const before = recall.bytes;
    const facets = (i: number) => Int32Array.of(i % 61, i % 59, i % 2);
    const many = 61 * 59;
    for (let i = 0; i < many; i++) {
      if (recall.answer(0, facets(i)) === UNKNOWN) recall.learn(0, [1, 0], facets(i), i);
    }
    for (let i = 0; i < many; i++) expect(recall.answer(0, facets(i))).toBe(i);
    expect(recall.answer(0, Int32Array.of(61, 0, 0))).toBe(UNKNOWN);
    // 3 words of 4 bytes an edge, at most half of them taken
    expect(recall.bytes).toBeGreaterThanOrEqual(2 * 12 * many);
    expect(recall.bytes).toBeGreaterThan(before);
  });

  it('takes room by halves: twice the questions, then the nodes; edges twice the answers', () => {
    const recall = new Recall(1);
    const held = (nodes: number, edges: number) => 4 * (nodes + 3 * edges);
    expect(recall.bytes).toBe(held(4, 4096));
    for (let question = 1; question <= 2; question++) recall.addQuestion();
    expect(recall.bytes).toBe(held(4, 4096));
    recall.addQuestion();
    expect(recall.bytes).toBe(held(8, 4096));
    for (let i = 0; i < 2048; i++) recall.learn(0, [0], Int32Array.of(i), i);
    expect(recall.bytes).toBe(held(8, 4096));
    recall.learn(0, [0], Int32Array.of(2048), 0);
    expect(recall.bytes).toBe(held(8, 8192));
  });

  it('an answer of 0 is an answer', () => {
    const recall = new Recall(1);
    recall.learn(0, [0], Int32Array.of(0), 0);
    expect(recall.answer(0, Int32Array.of(0))).toBe(0);
  });

  it('rejects an answer without a look, and one that looked further than before or less far', () => {
    const recall = new Recall(1);
    expect(() => recall.learn(0, [], Int32Array.of(1), 0)).toThrow('answered without a look');
    recall.learn(0, [0], Int32Array.of(1, 2), 7);
    expect(() => recall.learn(0, [0, 1], Int32Array.of(1, 2), 7)).toThrow('more was read');
    const deep = new Recall(1);
    deep.learn(0, [0, 1], Int32Array.of(1, 2), 7);
    expect(() => deep.learn(0, [0], Int32Array.of(1, 2), 7)).toThrow('more was read');
    expect(deep.answer(0, Int32Array.of(1, 2))).toBe(7);
  });
});

describe('components', () => {
  it('numbers each content once, and asks for its part once', () => {
    const register = createComponents<{ readonly text: string }>();
    const asked: string[] = [];
    const number = (text: string) =>
      register.numberOf(text, () => {
        asked.push(text);
        return { text };
      });
    expect(['a', 'b', 'a', 'c', 'b'].map(number)).toEqual([0, 1, 0, 2, 1]);
    expect(asked).toEqual(['a', 'b', 'c']);
    expect(register.size).toBe(3);
    expect([0, 1, 2].map((one) => register.part(one).text)).toEqual(['a', 'b', 'c']);
  });

  it('finds what was put past the end of the table, at its begin', () => {
    for (let table = 0; table < 40; table++) {
      const recall = new Recall(1);
      const facets = (i: number) => Int32Array.of(2000 * table + i);
      for (let i = 0; i < 2000; i++) recall.learn(0, [0], facets(i), i);
      const answers = Array.from({ length: 2001 }, (_, i) => recall.answer(0, facets(i)));
      expect(answers).toEqual([...Array.from({ length: 2000 }, (_, i) => i), UNKNOWN]);
    }
  });
});
