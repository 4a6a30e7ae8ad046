// What the scripts of a page say, in the language of the page: the server gives the words with it. English is written here.

const WORDS = JSON.parse(document.getElementById("words")?.textContent ?? "{}");

// A unit as people write it.
export const word = (name) => WORDS[name] ?? name;

// Whole sentences only, their values in braces, so that each language can put a value where it belongs.
export const t = (text, values = {}) => word(text).replace(/\{(\w+)\}/g, (whole, name) => values[name] ?? whole);

// Numbers from five digits on in threes, as the server writes them: nobody counts the zeros of 150 000 000.
export const figures = (text) => text.replace(/(?<![\w.-])\d{5,}(?!\w)/g, (digits) => digits.replace(/\B(?=(\d{3})+$)/g, "\u202f"));
