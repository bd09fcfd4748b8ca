// Asking persons: at once, again after each pause, further up each time, until nobody is to be
// asked any more.

/** What was asked, how often, and when last. */
export interface AskedQuestion {
  readonly key: string;
  readonly times: number;
  readonly lastAt: string;
  /** As it was asked. */
  readonly title: string;
  readonly subject: string;
}

export interface DueQuestions {
  readonly open: readonly AskedQuestion[];
  /** To be asked now, the first time or again. */
  readonly toAsk: readonly AskedQuestion[];
  /** Asked before, and no question any more. */
  readonly ended: readonly AskedQuestion[];
}

export function dueQuestions(
  askedBefore: readonly AskedQuestion[],
  questions: readonly Pick<AskedQuestion, 'key' | 'title' | 'subject'>[],
  now: string,
  pauseMinutes: number,
): DueQuestions {
  const askedByKey = new Map(askedBefore.map((asked) => [asked.key, asked]));
  const open = questions.map(({ key, title, subject }): AskedQuestion => {
    const asked = askedByKey.get(key);
    if (!asked) return { key, title, subject, times: 1, lastAt: now };
    return Date.parse(now) - Date.parse(asked.lastAt) < pauseMinutes * 60_000
      ? asked
      : { key, title, subject, times: asked.times + 1, lastAt: now };
  });
  const openKeys = new Set(questions.map(({ key }) => key));
  return {
    open,
    toAsk: open.filter((asked) => askedByKey.get(asked.key) !== asked),
    ended: askedBefore.filter(({ key }) => !openKeys.has(key)),
  };
}
