#include "sim/audit/program_symbols.hpp"

#include <cxxabi.h>
#include <elf.h>
#include <fmt/format.h>
#include <link.h>
#include <unistd.h>

#include <algorithm>
#include <bit>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <memory>
#include <set>

namespace locus {
namespace {

/// How this program lies in memory.
struct program_image {
  std::uintptr_t base = 0;       ///< added to the addresses of its file
  address_range writable;        ///< all that was writable when it was started
  address_range read_only_then;  ///< the part of that which is only read from then on (relro)
  address_range function_table;  ///< which is filled when a function is called for the first time
};

/// The first object that the loader tells of is the program.
int look_at_program(dl_phdr_info* info, std::size_t, void* result) {
  auto& image = *static_cast<program_image*>(result);
  image.base = info->dlpi_addr;
  const ElfW(Dyn)* dynamic = nullptr;
  for (std::size_t i = 0; i < info->dlpi_phnum; ++i) {
    const ElfW(Phdr)& p = info->dlpi_phdr[i];
    const address_range range{image.base + p.p_vaddr, image.base + p.p_vaddr + p.p_memsz};
    if (p.p_type == PT_LOAD && (p.p_flags & PF_W) != 0) image.writable = range;
    if (p.p_type == PT_GNU_RELRO) image.read_only_then = range;
    if (p.p_type == PT_DYNAMIC) dynamic = std::bit_cast<const ElfW(Dyn)*>(range.begin);
  }
  std::size_t bytes = 0;
  for (; dynamic != nullptr && dynamic->d_tag != DT_NULL; ++dynamic) {
    if (dynamic->d_tag == DT_PLTGOT) image.function_table.begin = dynamic->d_un.d_ptr;
    if (dynamic->d_tag == DT_PLTRELSZ) bytes = dynamic->d_un.d_val / sizeof(ElfW(Rela)) * sizeof(void*);
  }
  image.function_table.end = image.function_table.begin + bytes + 3 * sizeof(void*);
  return 1;
}

program_image image_of_program() {
  program_image image;
  ::dl_iterate_phdr(&look_at_program, &image);
  return image;
}

/// Without the arguments of templates and functions, and what stands before the name.
std::string short_name(const std::string& demangled) {
  std::string name;
  int depth = 0;
  for (const char c : demangled) {
    if (c == '<' || c == '(') ++depth;
    if (depth == 0) name += c;
    if (c == '>' || c == ')') --depth;
  }
  const std::size_t start = name.find("locus::");
  if (start != std::string::npos) name.erase(0, start);
  const std::size_t constness = name.find(" const");
  if (constness != std::string::npos) name.erase(constness, 6);
  return name;
}

std::string readable(const std::string& mangled) {
  int status = 0;
  const std::unique_ptr<char, decltype(&std::free)> text(
      abi::__cxa_demangle(mangled.c_str(), nullptr, nullptr, &status), &std::free);
  return status == 0 && text != nullptr ? short_name(text.get()) : mangled;
}

/// The program's file, read piece by piece; 64 bits only.
class elf_file {
 public:
  elf_file() : file_("/proc/self/exe", std::ios::binary) {
    Elf64_Ehdr head{};
    if (!read(0, &head, sizeof head) || std::memcmp(head.e_ident, ELFMAG, SELFMAG) != 0 ||
        head.e_ident[EI_CLASS] != ELFCLASS64 || head.e_shentsize != sizeof(Elf64_Shdr))
      return;
    sections_ = records<Elf64_Shdr>(head.e_shoff, head.e_shnum * sizeof(Elf64_Shdr));
  }

  [[nodiscard]] const std::vector<Elf64_Shdr>& sections() const { return sections_; }

  template <class T>
  [[nodiscard]] std::vector<T> records(std::uint64_t offset, std::uint64_t bytes) {
    constexpr std::uint64_t most = std::uint64_t{1} << 30u;
    if (bytes > most) return {};
    std::vector<T> all(bytes / sizeof(T));
    if (!read(offset, all.data(), all.size() * sizeof(T))) all.clear();
    return all;
  }

 private:
  bool read(std::uint64_t offset, void* to, std::size_t bytes) {
    file_.seekg(static_cast<std::streamoff>(offset));
    file_.read(static_cast<char*>(to), static_cast<std::streamsize>(bytes));
    return file_.good();
  }

  std::ifstream file_;
  std::vector<Elf64_Shdr> sections_;
};

}  // namespace

const program_symbols& program_symbols::of_this_program() {
  static const program_symbols symbols;
  return symbols;
}

program_symbols::program_symbols() {
  elf_file file;
  const program_image image = image_of_program();
  for (const Elf64_Shdr& table : file.sections()) {
    if (table.sh_type != SHT_SYMTAB || table.sh_link >= file.sections().size()) continue;
    const Elf64_Shdr& names = file.sections()[table.sh_link];
    std::vector<char> text = file.records<char>(names.sh_offset, names.sh_size);
    text.push_back(0);
    for (const Elf64_Sym& s : file.records<Elf64_Sym>(table.sh_offset, table.sh_size)) {
      const auto kind = ELF64_ST_TYPE(s.st_info);
      if ((kind != STT_OBJECT && kind != STT_TLS) || s.st_shndx >= file.sections().size() || s.st_name >= text.size())
        continue;
      known_ = true;
      if ((file.sections()[s.st_shndx].sh_flags & SHF_WRITE) == 0) continue;
      const std::uintptr_t address = kind == STT_TLS ? 0 : image.base + s.st_value;
      if (image.read_only_then.holds(address)) continue;
      variables_.push_back({&text[s.st_name], {}, address, s.st_size});
    }
  }
}

std::vector<std::string> program_symbols::variables_of_model(std::string_view struct_name) const {
  const std::string part = fmt::format("5locus6models{}{}", struct_name.size(), struct_name);
  std::set<std::string> names;
  for (const program_variable& v : variables_) {
    const std::size_t at = v.mangled.find(part);
    if (at == std::string::npos) continue;
    const bool own_each = v.address == 0;
    names.insert(readable(v.mangled) + (own_each ? " (one for each thread)" : ""));
  }
  return {names.begin(), names.end()};
}

std::string program_symbols::name_at(std::uintptr_t address) const {
  for (const program_variable& v : variables_) {
    if (v.address != 0 && address >= v.address && address < v.address + std::max<std::size_t>(v.size, 1))
      return readable(v.mangled);
  }
  return {};
}

address_range pages_of_variables() {
  const program_image image = image_of_program();
  if (image.read_only_then.empty() || image.writable.empty()) return {};
  const auto page = static_cast<std::uintptr_t>(::sysconf(_SC_PAGESIZE));
  const auto up = [page](std::uintptr_t a) { return (a + page - 1) / page * page; };
  address_range range{up(image.read_only_then.end), up(image.writable.end)};
  if (image.writable.holds(image.function_table.begin) && image.function_table.end > range.begin)
    range.begin = up(image.function_table.end);
  return range;
}

}  // namespace locus
