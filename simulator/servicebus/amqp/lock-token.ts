// Converts lock tokens between their two byte orders.

/**
 * .NET writes the first three parts of a GUID in reverse. A lock has this order as the tag of a
 * delivery, and the plain order in requests.
 */
const ORDER = [3, 2, 1, 0, 5, 4, 7, 6, 8, 9, 10, 11, 12, 13, 14, 15];

export const deliveryTag = (lock: Buffer): Buffer => Buffer.from(ORDER.map((index) => lock[index] ?? 0));
