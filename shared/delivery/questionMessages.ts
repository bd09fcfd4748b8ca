// The messages that ask persons, and those that tell them that nothing is asked any more.
import type { AskedQuestion } from './rules/questionReminders.ts';
import { EventName } from '../outbox/rules/events.ts';
import type { QuestionMessage } from './questionReminderStore.ts';
import type { Note, Question } from './questions.ts';

export const reminderMessages = (
  { key, times }: Pick<AskedQuestion, 'key' | 'times'>,
  questions: readonly Question[],
): QuestionMessage[] =>
  questions
    .filter((question) => question.key === key)
    .map(({ subject, title, text, link, since, until, answers }) => ({
      eventName: EventName.questionAsked,
      subject,
      data: { times, title, text, link, since, until, answers },
    }));

/** Told as far up as anything was asked. */
export const noteMessage = (
  { subject, title, text, link }: Note,
  open: readonly AskedQuestion[],
): QuestionMessage => ({
  eventName: EventName.questionClosed,
  subject,
  data: { times: Math.max(1, ...open.map(({ times }) => times)), title, text, link },
});

export const endedMessage = (
  { subject, times, title }: AskedQuestion,
  { endText, link }: { readonly endText: string; readonly link: string },
): QuestionMessage => ({
  eventName: EventName.questionClosed,
  subject,
  data: { times, title: `Nothing more to do. ${title}`, text: endText, link },
});
