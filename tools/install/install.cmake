# What `cmake --install` and `cpack` put where: programs, manual pages, completions, netlists, documents, and the library
# with its CMake package. The target `installable` builds all of it, and none of the tests.
include(GNUInstallDirs)
include(CMakePackageConfigHelpers)

# The programs write their manual pages.
foreach(program locus locus-bench locus-reproduce locus-view)
  install(TARGETS ${program})
  set(page ${PROJECT_BINARY_DIR}/${program}.1)
  add_custom_command(OUTPUT ${page} COMMAND ${program} help --man > ${page} DEPENDS ${program} VERBATIM)
  list(APPEND pages ${page})
endforeach()
install(FILES ${pages} DESTINATION ${CMAKE_INSTALL_MANDIR}/man1)

install(FILES tools/locus/completion.bash DESTINATION ${CMAKE_INSTALL_DATADIR}/bash-completion/completions RENAME locus)
foreach(folder site-functions vendor-completions)  # the second is where Debian's zsh looks under /usr
  install(FILES tools/locus/completion.zsh DESTINATION ${CMAKE_INSTALL_DATADIR}/zsh/${folder} RENAME _locus)
endforeach()

# tools/locus/installed.cpp looks for them there.
file(GLOB netlists CONFIGURE_DEPENDS netlists/*.toml netlists/*.h5)
install(FILES ${netlists} netlists/schema.json netlists/README.md DESTINATION share/locus/netlists)
install(DIRECTORY netlists/mnist netlists/models DESTINATION share/locus/netlists FILES_MATCHING PATTERN "*.toml")
install(PROGRAMS tools/data DESTINATION share/locus/tools)
# The page of `locus view`, if it was built (tools/view/open): tools/view/page_files.cpp looks for it there.
install(DIRECTORY ${PROJECT_SOURCE_DIR}/build/view DESTINATION share/locus OPTIONAL FILES_MATCHING
        PATTERN "index.html" PATTERN "app.js" PATTERN "app.css")

# Documents, in folders as here, so that their links lead somewhere.
file(GLOB_RECURSE documents RELATIVE ${PROJECT_SOURCE_DIR} CONFIGURE_DEPENDS
     docs/* sim/*.md models/*.md netlists/*.md netlists/*.png netlists/*.svg tools/*.md tools/*.png)
list(FILTER documents EXCLUDE REGEX "/node_modules/")  # of packages that the page of `locus view` is built with
foreach(file IN LISTS documents ITEMS README.md CHANGELOG.md CONTRIBUTING.md CITATION.cff LICENSE)
  get_filename_component(folder ${file} DIRECTORY)
  install(FILES ${file} DESTINATION ${CMAKE_INSTALL_DOCDIR}/${folder})
endforeach()
install(FILES LICENSE DESTINATION ${CMAKE_INSTALL_DOCDIR} RENAME copyright)  # what Debian calls it

# One library of all layers and of the program's catalogue, which need each other: the linker finds everything in one
# archive, in whatever order.
get_property(layers GLOBAL PROPERTY locus_layers)
list(TRANSFORM LOCUS_TARGETS PREPEND locus_transfer_ OUTPUT_VARIABLE kernels)
list(TRANSFORM layers REPLACE ".+" "$<TARGET_OBJECTS:\\0>" OUTPUT_VARIABLE objects)
list(TRANSFORM kernels REPLACE ".+" "$<TARGET_OBJECTS:\\0>")
add_library(locus_library STATIC ${objects} ${kernels} $<TARGET_PROPERTY:locus_program,INTERFACE_SOURCES>)
set_target_properties(locus_library PROPERTIES OUTPUT_NAME locus EXPORT_NAME locus LINKER_LANGUAGE CXX)
set_target_properties(locus_options PROPERTIES EXPORT_NAME options)
target_compile_features(locus_library INTERFACE cxx_std_20)
target_link_libraries(locus_library PUBLIC locus_options Boost::graph EXPAT::EXPAT hdf5::hdf5_hl hdf5::hdf5
                                    PRIVATE PkgConfig::HWY PkgConfig::ISAL OpenSSL::Crypto ZLIB::ZLIB)
install(TARGETS locus_library locus_options EXPORT locus INCLUDES DESTINATION ${CMAKE_INSTALL_INCLUDEDIR}/locus)
install(DIRECTORY sim models DESTINATION ${CMAKE_INSTALL_INCLUDEDIR}/locus FILES_MATCHING PATTERN "*.hpp")

set(package ${CMAKE_INSTALL_LIBDIR}/cmake/locus)
install(EXPORT locus NAMESPACE locus:: FILE locusTargets.cmake DESTINATION ${package})
configure_package_config_file(tools/install/locusConfig.cmake.in ${PROJECT_BINARY_DIR}/locusConfig.cmake
                              INSTALL_DESTINATION ${package} NO_SET_AND_CHECK_MACRO)
write_basic_package_version_file(${PROJECT_BINARY_DIR}/locusConfigVersion.cmake COMPATIBILITY SameMinorVersion)
install(FILES ${PROJECT_BINARY_DIR}/locusConfig.cmake ${PROJECT_BINARY_DIR}/locusConfigVersion.cmake
        DESTINATION ${package})

add_custom_target(installable ALL DEPENDS ${pages})
add_dependencies(installable locus_library)

# The Debian package: tools/package.
set(CPACK_GENERATOR DEB)
set(CPACK_PACKAGE_DESCRIPTION
    "Value neurons, error neurons, synapses and change detectors are entities of a graph; each sees its own state and
the messages that arrive on its own connections. Locus runs such circuits with the same bits on any machine,
records what every neuron and synapse did, and measures whether they are as local and as autonomous as claimed.")
set(CPACK_STRIP_FILES ON)
set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
set(CPACK_DEBIAN_PACKAGE_MAINTAINER "The Locus developers")
set(CPACK_DEBIAN_PACKAGE_SECTION science)
set(CPACK_DEBIAN_PACKAGE_SHLIBDEPS ON)
set(CPACK_DEBIAN_PACKAGE_RECOMMENDS gnuplot-nox)  # pictures
# What `locus bench` compares itself with, tools/data runs in, and programs that use the library are built with.
set(CPACK_DEBIAN_PACKAGE_SUGGESTS "libopenblas0, python3, cmake, pkg-config, libboost-graph-dev, libhdf5-dev, libfmt-dev, \
libssl-dev, zlib1g-dev, libexpat1-dev, libhwy-dev, libisal-dev")
if(LOCUS_PYTHON)
  add_dependencies(installable locus_python)
  string(APPEND CPACK_DEBIAN_PACKAGE_SUGGESTS ", python3-numpy, python3-h5py, python3-matplotlib, python3-pandas")
endif()
include(CPack)
