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
/// After a write has failed nothing more is written, and the file is again what the last flush made of it. The library
/// is not told: it would drop the error where a handle closes (an identifier whose closing failed stays behind and
/// points at freed memory), or carry on. Whoever flushes or closes a file asks write_error(). The file may then be
/// opened anew.
///
/// The file's format is that of HDF5's default driver. (Its own way to files that can be read while they grow, SWMR, is
/// none for us: it needs a newer file format, knows no new datasets and attributes in a run, and a killed writer leaves
/// a file that readers refuse until h5clear repairs it.)

#include <hdf5.h>

#include <memory>

namespace locus::hdf5 {

/// Chooses the driver in a list of file access properties. Returns false if the library refuses it.
bool use_ordered_driver(hid_t access);

/// The number of the first error in writing that file, or 0. What it points to stays true while the file is closed.
/// Always 0 for a file that is open under another driver.
[[nodiscard]] std::shared_ptr<const int> write_error(hid_t file);

}  // namespace locus::hdf5
