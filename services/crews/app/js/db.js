// IndexedDB as promises. Whatever a fitter enters is here, written to the disk, before anything is sent.

const NAME = "avariyka-crews";
const SHAPE = 3;
export const PLACE = "place in the feed of"; // how far each crew has been told
let opened = null;

export function open() {
  opened ??= new Promise((resolve, reject) => {
    const request = indexedDB.open(NAME, SHAPE);
    request.onupgradeneeded = ({ oldVersion }) => {
      shape(request.result, oldVersion);
      if (oldVersion > 0) askAnew(request.transaction.objectStore("facts"));
    };
    request.onsuccess = () => resolve(watched(request.result));
    request.onerror = () => reject(request.error);
  });
  return opened;
}

/** From the shape that a phone has to today's; what is kept in it stays. */
function shape(database, from) {
  if (from < 1) {
    database.createObjectStore("facts"); // session, cursor, drafts: one value per name
    database.createObjectStore("orders", { keyPath: "assignment_id" });
    database.createObjectStore("commands", { keyPath: "id", autoIncrement: true }).createIndex("crew", "crew");
  }
  if (from < 2) {
    for (const name of ["messages", "signals", "photos"]) database.createObjectStore(name, { keyPath: "id" });
  }
  if (from < 3) {
    for (const name of ["records", "documents"]) database.createObjectStore(name, { keyPath: "id" });
  }
}

/** What a new shape keeps, the service has told already: everything is asked for once more. */
function askAnew(facts) {
  const names = facts.getAllKeys();
  names.onsuccess = () => names.result.filter((name) => name.startsWith(PLACE)).forEach((name) => facts.delete(name));
}

function watched(database) {
  database.onversionchange = () => { database.close(); opened = null; }; // a newer version of the app waits for us
  return database;
}

/** Runs `work(stores)` in one transaction and waits until it is on the disk; gives back what `work` gave. */
export async function change(names, work) {
  return transact(names, "readwrite", work);
}

async function transact(names, mode, work) {
  const database = await open();
  const transaction = database.transaction(names, mode, { durability: "strict" });
  const stores = Object.fromEntries(names.map((name) => [name, transaction.objectStore(name)]));
  const ended = new Promise((resolve, reject) => {
    transaction.oncomplete = resolve;
    transaction.onabort = () => reject(transaction.error);
  });
  const [result] = await Promise.all([attempt(transaction, () => work(stores)), ended]);
  return result;
}

async function attempt(transaction, work) {
  try {
    return await work();
  } catch (failure) {
    transaction.abort();
    throw failure;
  }
}

export function done(request) {
  return new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
}

export const get = (store, key) => transact([store], "readonly", (stores) => done(stores[store].get(key)));
export const all = (store) => transact([store], "readonly", (stores) => done(stores[store].getAll()));
export const fact = (name) => get("facts", name);

export function keep(name, value) {
  return change(["facts"], ({ facts }) => done(value === null ? facts.delete(name) : facts.put(value, name)));
}
