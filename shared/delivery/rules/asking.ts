// Asking persons: at once, again after each pause, further up each time, until nobody is to be
// asked any more.

/** What was asked, how often, and when last. */
export interface Asked {
  readonly key: string;
  readonly times: number;
  readonly lastAt: string;
  /** As it was asked. */
  readonly title: string;
  readonly subject: string;
}

export interface Due {
  readonly open: readonly Asked[];
  /** To be asked now, the first time or again. */
  readonly ask: readonly Asked[];
  /** Asked before, and no question any more. */
  readonly over: readonly Asked[];
}

export function dueNow(
  before: readonly Asked[],
  questions: readonly Pick<Asked, 'key' | 'title' | 'subject'>[],
  now: string,
  pauseMinutes: number,
): Due {
  const known = new Map(before.map((asked) => [asked.key, asked]));
  const open = questions.map(({ key, title, subject }): Asked => {
    const asked = known.get(key);
    if (!asked) return { key, title, subject, times: 1, lastAt: now };
    return Date.parse(now) - Date.parse(asked.lastAt) < pauseMinutes * 60_000
      ? asked
      : { key, title, subject, times: asked.times + 1, lastAt: now };
  });
  const standing = new Set(questions.map(({ key }) => key));
  return {
    open,
    ask: open.filter((asked) => known.get(asked.key) !== asked),
    over: before.filter(({ key }) => !standing.has(key)),
  };
}
