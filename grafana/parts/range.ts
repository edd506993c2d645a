/** For what looks at single rows of raw data: a longer range is cut to its last part, so that no picker can ask for too much. */
export const clipTo = (longest: string): string => `longest = int(v: ${longest})
first = int(v: v.timeRangeStart)
last = int(v: v.timeRangeStop)
start = time(v: if last - first > longest then last - longest else first)
`;
export const clippedRange = 'range(start: start, stop: v.timeRangeStop)';
