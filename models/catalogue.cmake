# Compiles models and builds catalogues of them. A folder of models holds files NAME.toml, models as text, and NAME.hpp,
# each of which declares struct locus::models::NAME. Texts are printed as such a struct first; those that C++ has no words
# for (synapses with state, or that see several outputs) are interpreted. All others are compiled once per instruction
# set, with that set's flags, and once over traced numbers, with the base flags. The program's catalogue has the folder
# models/, the tests' has more.
# The templates in models/templates/*.cpp each define `void locus::templates::NAME(const section&, description&)`.

set(LOCUS_GENERATED ${PROJECT_BINARY_DIR}/generated)
set(LOCUS_TEMPLATE_DIRECTORY ${CMAKE_CURRENT_LIST_DIR})
option(LOCUS_SPLIT_MODELS "Compile each model by itself: faster while one model is being written" OFF)

# target name -> flags. The scalar target runs on any machine.
set(LOCUS_TARGETS scalar)
if(CMAKE_SYSTEM_PROCESSOR MATCHES "x86_64|AMD64")
  list(APPEND LOCUS_TARGETS avx2 avx512)
  set(LOCUS_FLAGS_avx2 -march=haswell -maes)
  set(LOCUS_FLAGS_avx512 -march=skylake-avx512 -maes)
elseif(CMAKE_SYSTEM_PROCESSOR MATCHES "aarch64|arm64")
  list(APPEND LOCUS_TARGETS native)  # NEON with fused multiply-add is the baseline there
endif()
# Of these a machine uses the best, and kernels are a third of what is compiled for a program. tools/run makes use of it.
set(LOCUS_KERNELS all CACHE STRING "Targets to compile kernels for: \"all\", or \"machine\", which are scalar and the best of this machine")
if(LOCUS_KERNELS STREQUAL "machine" AND "avx2" IN_LIST LOCUS_TARGETS)
  include(CheckCXXSourceRuns)
  foreach(set avx512 avx2)
    check_cxx_source_runs("#include \"${PROJECT_SOURCE_DIR}/sim/core/instruction_sets.hpp\"
                           int main() { return locus::machine_has_${set}() ? 0 : 1; }" LOCUS_MACHINE_HAS_${set})
  endforeach()
  if(LOCUS_MACHINE_HAS_avx512)
    list(REMOVE_ITEM LOCUS_TARGETS avx2)
  elseif(LOCUS_MACHINE_HAS_avx2)
    list(REMOVE_ITEM LOCUS_TARGETS avx512)
  else()
    list(REMOVE_ITEM LOCUS_TARGETS avx2 avx512)
  endif()
elseif(NOT LOCUS_KERNELS MATCHES "^(all|machine)$")
  message(FATAL_ERROR "LOCUS_KERNELS = ${LOCUS_KERNELS}: expected all or machine")
endif()
list(JOIN LOCUS_TARGETS "," LOCUS_COMPILED_TARGETS)  # as template arguments

# An object library with one instruction set's flags.
function(locus_add_kernels name target)
  string(TOUPPER ${target} upper)
  add_library(${name} OBJECT ${ARGN})
  set_target_properties(${name} PROPERTIES UNITY_BUILD OFF)  # a file by itself is wanted as such
  target_link_libraries(${name} PRIVATE locus_options)
  target_compile_definitions(${name} PRIVATE LOCUS_TARGET=${target} LOCUS_TARGET_${upper})
  # -O3: -O2 alone does not unroll the loops over accumulators, which then leave the registers. In every configuration,
  # and with inlining: a standard function that is not inlined would be compiled for the target under the name under
  # which the rest of the program calls it (tests/program/test_kernel_objects.py).
  # Under sanitizers that takes many minutes; the same bits come out. The scalar kernels are the reference and the way
  # out where a machine has no fused multiply-add: their time is the library's fma, whatever the level.
  if(LOCUS_SANITIZE OR target STREQUAL "scalar")
    target_compile_options(${name} PRIVATE ${LOCUS_FLAGS_${target}} -O1 $<$<CXX_COMPILER_ID:GNU>:-finline>)
  else()
    target_compile_options(${name} PRIVATE ${LOCUS_FLAGS_${target}} -O3 $<$<CXX_COMPILER_ID:GNU>:-finline>)
  endif()
endfunction()

# Generates the unit UNIT.cpp of the given model files, once for each of `targets` and once over traced numbers, and
# appends their paths to sources_TARGET and sources_traced.
function(locus_generate_unit unit targets)
  foreach(LOCUS_TARGET_NAME IN LISTS targets ITEMS traced)
    set(LOCUS_FOLDER engine)
    if(LOCUS_TARGET_NAME STREQUAL traced)
      set(LOCUS_FOLDER audit)
    endif()
    set(LOCUS_INCLUDES "")
    set(LOCUS_TABLES "")
    foreach(file IN LISTS ARGN)
      get_filename_component(model ${file} NAME_WE)
      get_property(interpreted GLOBAL PROPERTY locus_interpreted_${model})
      get_property(text GLOBAL PROPERTY locus_text_${model})
      if(interpreted AND NOT LOCUS_TARGET_NAME STREQUAL traced)
        continue()
      endif()
      string(APPEND LOCUS_INCLUDES "#include \"${file}\"\n")
      if(LOCUS_TARGET_NAME STREQUAL traced AND text)
        string(APPEND LOCUS_TABLES "std::string_view ${model}_text();\n"
                                   "std::string_view ${model}_text() { return models::${model}_text; }\n")
      endif()
      if(interpreted)
        continue()
      endif()
      if(LOCUS_TARGET_NAME STREQUAL traced)
        string(APPEND LOCUS_TABLES "traced_model ${model}_traced();\n"
                                   "traced_model ${model}_traced() { return detail::make_traced_model<models::${model}>(); }\n"
                                   "model_declaration ${model}_declaration();\n"
                                   "model_declaration ${model}_declaration() { return describe_model<models::${model}>(); }\n")
      else()
        string(APPEND LOCUS_TABLES "extern const model_kernels ${model}_${LOCUS_TARGET_NAME};\n"
                                   "constinit const model_kernels ${model}_${LOCUS_TARGET_NAME} =\n"
                                   "    detail::make_kernels<models::${model}, simd::number>();\n")
      endif()
    endforeach()
    set(source ${LOCUS_GENERATED}/${LOCUS_TARGET_NAME}/${unit}.cpp)
    configure_file(${LOCUS_TEMPLATE_DIRECTORY}/unit.cpp.in ${source} @ONLY)
    set(sources_${LOCUS_TARGET_NAME} ${sources_${LOCUS_TARGET_NAME}} ${source} PARENT_SCOPE)
  endforeach()
endfunction()

# Prints models that are text as C++. Ninja compiles what stands further up first, and models, which take longest, wait for it.
add_executable(locus_print_model ${PROJECT_SOURCE_DIR}/tools/print_model/main.cpp)
target_link_libraries(locus_print_model PRIVATE locus_netlist)

# Prints the model FILE.toml as C++, and appends the header to the list `headers`.
function(locus_print_model file headers)
  get_filename_component(name ${file} NAME_WE)
  string(REPLACE - _ model ${name})
  file(READ ${PROJECT_SOURCE_DIR}/${file} text)
  set(what struct)
  if(text MATCHES "kind *= *\"synapse\"" AND text MATCHES "\n\\[model[.](state|sees)\\]")
    set(what text)
    set_property(GLOBAL PROPERTY locus_interpreted_${model} TRUE)
  endif()
  set_property(GLOBAL PROPERTY locus_text_${model} ${file})
  set(header ${LOCUS_GENERATED}/models/${model}.hpp)
  add_custom_command(OUTPUT ${header} COMMAND locus_print_model ${PROJECT_SOURCE_DIR}/${file} ${what} ${header}
                     DEPENDS locus_print_model ${PROJECT_SOURCE_DIR}/${file})
  set(${headers} ${${headers}} ${header} PARENT_SCOPE)
endfunction()

# Compiles the models FOLDER/*.toml and FOLDER/*.hpp (relative to the project) for the given targets into object libraries SET_TARGET and
# SET_traced. "scalar" must be among the targets: on the others its kernels serve, which give the same bits.
function(locus_compile_models set folder)
  set(targets ${ARGN})
  file(GLOB files RELATIVE ${PROJECT_SOURCE_DIR} CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/${folder}/*.hpp)
  list(SORT files)
  foreach(file IN LISTS files)
    if(NOT file MATCHES "/[A-Za-z][A-Za-z0-9_]*[.]hpp$")
      message(FATAL_ERROR "${file}: the file of a model is called as its struct, with letters, digits and _ "
                          "(netlists write - for _)")
    endif()
  endforeach()
  file(GLOB texts RELATIVE ${PROJECT_SOURCE_DIR} CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/${folder}/*.toml)
  list(SORT texts)
  set(printed "")
  foreach(text IN LISTS texts)
    locus_print_model(${text} printed)
  endforeach()
  list(APPEND files ${printed})
  file(MAKE_DIRECTORY ${LOCUS_GENERATED}/models)
  add_custom_target(${set}_printed DEPENDS ${printed})
  if(LOCUS_SPLIT_MODELS)
    foreach(file IN LISTS files)
      get_filename_component(model ${file} NAME_WE)
      locus_generate_unit(${model} "${targets}" ${file})
    endforeach()
  else()
    locus_generate_unit(${set} "${targets}" ${files})
  endif()
  foreach(target IN LISTS targets)
    locus_add_kernels(${set}_${target} ${target} ${sources_${target}})
  endforeach()
  add_library(${set}_traced OBJECT ${sources_traced})
  # A model may include one of the shipped models, which are printed in locus_models_printed.
  foreach(target IN LISTS targets ITEMS traced)
    add_dependencies(${set}_${target} ${set}_printed locus_models_printed)
  endforeach()
  set_target_properties(${set}_traced PROPERTIES UNITY_BUILD OFF)
  target_link_libraries(${set}_traced PRIVATE locus_options)
  set_property(GLOBAL PROPERTY ${set}_files ${files})
  set_property(GLOBAL PROPERTY ${set}_targets ${targets})
endfunction()

# The library NAME: the simulator with a catalogue of all models of the given sets. A program links exactly one.
function(locus_add_catalogue name)
  add_library(${name} INTERFACE)
  target_link_libraries(${name} INTERFACE locus_sim)
  foreach(set IN LISTS ARGN)
    get_property(files GLOBAL PROPERTY ${set}_files)
    get_property(targets GLOBAL PROPERTY ${set}_targets)
    foreach(target IN LISTS targets ITEMS traced)
      target_sources(${name} INTERFACE $<TARGET_OBJECTS:${set}_${target}>)
    endforeach()
    foreach(file IN LISTS files)
      get_filename_component(model ${file} NAME_WE)
      get_property(interpreted GLOBAL PROPERTY locus_interpreted_${model})
      get_property(text GLOBAL PROPERTY locus_text_${model})
      set(file_and_text "\"${file}\"")
      if(text)
        string(APPEND LOCUS_DECLARATIONS "std::string_view ${model}_text();\n")
        set(file_and_text "\"${text}\", ${model}_text()")
      endif()
      if(interpreted)
        string(APPEND LOCUS_ENTRIES "  interpret(${file_and_text});\n")
        continue()
      endif()
      string(APPEND LOCUS_DECLARATIONS "traced_model ${model}_traced();\nmodel_declaration ${model}_declaration();\n")
      foreach(target IN LISTS targets)
        string(APPEND LOCUS_DECLARATIONS "extern const model_kernels ${model}_${target};\n")
      endforeach()
      set(kernels "")
      foreach(target IN LISTS LOCUS_TARGETS)
        set(serving ${target})
        if(NOT target IN_LIST targets)
          set(serving scalar)
        endif()
        string(APPEND kernels "    kernels[index(simd_target::${target})] = ${model}_${serving};\n")
      endforeach()
      string(APPEND LOCUS_ENTRIES "  {\n    kernels_of_targets kernels;\n${kernels}    add("
                                  "${model}_declaration(), kernels, ${model}_traced(), ${file_and_text});\n"
                                  "  }\n")
    endforeach()
  endforeach()
  foreach(target IN LISTS LOCUS_TARGETS)
    string(APPEND LOCUS_TRANSFERS
           "    case simd_target::${target}: {\n"
           "      static const transfer_kernels<P> kernels = make_transfer_kernels<simd_target::${target}, P>();\n"
           "      return kernels;\n    }\n")
    string(APPEND LOCUS_INTERPRETED
           "    case simd_target::${target}: {\n"
           "      static const model_kernels kernels = make_interpreted_kernels<simd_target::${target}>();\n"
           "      return kernels;\n    }\n")
    string(APPEND LOCUS_TRANSFER_DECLARATIONS
           "template <>\nmodel_kernels make_interpreted_kernels<simd_target::${target}>();\n")
    string(APPEND LOCUS_TARGET_LIST "simd_target::${target}, ")
    foreach(type float double)
      string(APPEND LOCUS_TRANSFER_DECLARATIONS
             "template <>\ntransfer_kernels<${type}> make_transfer_kernels<simd_target::${target}, ${type}>();\n")
    endforeach()
  endforeach()
  configure_file(${LOCUS_TEMPLATE_DIRECTORY}/catalogue.cpp.in ${LOCUS_GENERATED}/${name}.cpp @ONLY)
  add_library(${name}_list OBJECT ${LOCUS_GENERATED}/${name}.cpp)
  target_link_libraries(${name}_list PRIVATE locus_options Boost::headers)
  locus_compile_quickly(${name}_list)
  target_sources(${name} INTERFACE $<TARGET_OBJECTS:${name}_list>)
endfunction()

# Templates belong to the simulator.
file(GLOB LOCUS_TEMPLATE_FILES CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/models/templates/*.cpp)
file(GLOB LOCUS_TEMPLATE_PARTS CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/models/templates/common/*.cpp)
foreach(file IN LISTS LOCUS_TEMPLATE_FILES)
  get_filename_component(name ${file} NAME_WE)
  string(REPLACE "_" "-" label ${name})
  string(APPEND LOCUS_TEMPLATE_DECLARATIONS "void ${name}(const section& root, description& out);\n")
  string(APPEND LOCUS_TEMPLATE_ENTRIES "      {\"${label}\", templates::${name}},\n")
endforeach()
configure_file(${PROJECT_SOURCE_DIR}/models/templates.cpp.in ${LOCUS_GENERATED}/templates.cpp @ONLY)

foreach(target IN LISTS LOCUS_TARGETS)
  locus_add_kernels(locus_transfer_${target} ${target} ${PROJECT_SOURCE_DIR}/sim/engine/transfer.cpp
                    ${PROJECT_SOURCE_DIR}/sim/engine/interpreted.cpp)
endforeach()
locus_compile_models(locus_models models ${LOCUS_TARGETS})
locus_add_catalogue(locus_program locus_models)
