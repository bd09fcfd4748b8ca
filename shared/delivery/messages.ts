// The messages that ask persons, and those that tell them that nothing is asked any more.
import type { Asked } from './rules/asking.ts';
import { News } from '../outbox/rules/events.ts';
import type { Message } from './askingStore.ts';
import type { Note, Question } from './questions.ts';

export const askingMessage = (
  { key, times }: Pick<Asked, 'key' | 'times'>,
  questions: readonly Question[],
): Message[] =>
  questions
    .filter((question) => question.key === key)
    .map(({ subject, title, text, link, since, until, answers }) => ({
      news: News.questionAsked,
      subject,
      data: { times, title, text, link, since, until, answers },
    }));

/** Told as far up as anything was asked. */
export const noteMessage = ({ subject, title, text, link }: Note, open: readonly Asked[]): Message => ({
  news: News.questionClosed,
  subject,
  data: { times: Math.max(1, ...open.map(({ times }) => times)), title, text, link },
});

export const endMessage = (
  { subject, times, title }: Asked,
  { end, link }: { readonly end: string; readonly link: string },
): Message => ({
  news: News.questionClosed,
  subject,
  data: { times, title: `Nothing more to do. ${title}`, text: end, link },
});
