// Decides which questions go to people now: new ones at once, and open ones again after each pause.
// Each repeat goes one level higher. Pure; `askPeople.ts` calls it.

/** A question that people got: how often, and the time of the last message. */
export interface AskedQuestion {
  readonly key: string;
  readonly times: number;
  readonly lastAt: string;
  /** The title at that time. */
  readonly title: string;
  readonly subject: string;
}

/** The result of one check. */
export interface DueQuestions {
  readonly open: readonly AskedQuestion[];
  /** The questions to send now, the first time or again. */
  readonly toAsk: readonly AskedQuestion[];
  /** The earlier questions that are no longer open. */
  readonly ended: readonly AskedQuestion[];
}

/** Compares the earlier questions with the present ones. */
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
