#pragma once
/// A file driver of HDF5 under which the file on disk is valid at every moment, whenever the process is killed and
/// whenever the disk is full.
///
/// Numbers go to the disk at once, to places that nothing refers to yet. Metadata stay in memory until a flush, which
/// writes them in this order:
///   1. what lies where nothing was before;
///   2. the superblock, so that the file knows its new length;
///   3. nodes of the trees that find chunks, parents before children: while a node is split, both halves can be found;
///   4. all else, above all the headers that tell how long a dataset is: a row counts only when it can be found.
/// A process that ends between two of these writes leaves the old rows as they were. (Data that were flushed must not
/// be moved or freed; those who only append whole chunks, or rows to chunks that are not compressed, do neither.)
///
/// After a write has failed nothing more is written, so that the file can be closed, and is again what the last flush
/// made of it; it may then be opened anew. The file's format is that of HDF5's default driver.

#include <hdf5.h>

namespace locus::hdf5 {

/// Chooses the driver in a list of file access properties. Returns false if the library refuses it.
bool use_ordered_driver(hid_t access);

}  // namespace locus::hdf5
