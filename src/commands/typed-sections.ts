import type { TypedSection } from '../timeline/sections.js';

const BETWEEN_SECTIONS = /[,;、，；]\s*/u;
const BETWEEN_POINTS = /\s*(?:[-–—~]|\bto\b|到|至)\s*/u;

/** `0:45-1:20, 2:00 – 2:10`. What is no section stays as it is, for the check to name. */
export function readSections(text: string): TypedSection[] {
  return text
    .split(BETWEEN_SECTIONS)
    .filter((part) => part.trim() !== '')
    .map((part) => {
      const points = BETWEEN_POINTS.exec(part);
      if (!points) return { in: part.trim(), out: '' };
      return { in: part.slice(0, points.index).trim(), out: part.slice(points.index + points[0].length).trim() };
    });
}
