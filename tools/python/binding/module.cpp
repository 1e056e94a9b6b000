#include "sim/core/bits_version.hpp"
#include "tools/python/binding/binding.hpp"

namespace locus::python {
namespace {

/// Raises locus.errors.NAME with file, line and column where they are known.
void raise(const char* name, const std::exception& e, const source_position& at = {}, const std::string& where = {}) {
  const py::object type = py::module_::import("locus.errors").attr(name);
  const py::object error = type(e.what());
  if (!at.file.empty()) error.attr("file") = at.file;
  if (at.line > 0) error.attr("line") = at.line;
  if (at.column > 0) error.attr("column") = at.column;
  if (!where.empty()) error.attr("where") = where;
  PyErr_SetObject(type.ptr(), error.ptr());
}

void translate(std::exception_ptr thrown) {
  try {
    if (thrown) std::rethrow_exception(std::move(thrown));
  } catch (const usage_error& e) {
    raise("UsageError", e, e.at());
  } catch (const nonfinite_error& e) {
    raise("NonFiniteError", e, {}, e.where());
  } catch (const user_error& e) {
    raise("RunError", e);
  } catch (const internal_error& e) {
    raise("InternalError", e);
  }
}

}  // namespace
}  // namespace locus::python

PYBIND11_MODULE(_locus, m) {
  using namespace locus::python;
  m.doc() = "The simulator of Locus; `import locus` has all of it.";
  m.attr("__version__") = LOCUS_VERSION;
  m.attr("bits_version") = locus::bits_version;
  py::register_exception_translator(translate);
  add_netlist(m);
  add_simulator(m);
  add_run(m);
  add_sweep(m);
  add_reports(m);
}
