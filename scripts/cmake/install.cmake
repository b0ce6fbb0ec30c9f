# What `cmake --install` puts where, the target `uninstall`, and the .deb that cpack makes.  The program finds its data and
# scripts from where it stands itself, so the tree may be moved after it was installed.

# Manual pages and completions are written by the program from its tables of options.  Where it cannot run, because it is
# built for another machine, they are left out.
if(NOT CMAKE_CROSSCOMPILING OR CMAKE_CROSSCOMPILING_EMULATOR)
  set(DLEXP_PAGES ${PROJECT_BINARY_DIR}/pages)
  add_custom_command(OUTPUT ${DLEXP_PAGES}/made
    COMMAND ${CMAKE_COMMAND} -DOUTPUT=${DLEXP_PAGES} "-DDLEXP=${CMAKE_CROSSCOMPILING_EMULATOR};$<TARGET_FILE:dlexp>"
            -P ${PROJECT_SOURCE_DIR}/scripts/cmake/pages.cmake
    DEPENDS dlexp scripts/cmake/pages.cmake VERBATIM)
  add_custom_target(pages ALL DEPENDS ${DLEXP_PAGES}/made)
  install(DIRECTORY ${DLEXP_PAGES}/man1 DESTINATION ${CMAKE_INSTALL_MANDIR})
  # Where each shell looks in every prefix that it searches; Debian's zsh has a folder of its own (debian.cmake).
  install(FILES ${DLEXP_PAGES}/dlexp.bash DESTINATION ${CMAKE_INSTALL_DATADIR}/bash-completion/completions RENAME dlexp)
  install(FILES ${DLEXP_PAGES}/dlexp.zsh DESTINATION ${CMAKE_INSTALL_DATADIR}/zsh/site-functions RENAME _dlexp)
  install(FILES ${DLEXP_PAGES}/dlexp.fish DESTINATION ${CMAKE_INSTALL_DATADIR}/fish/vendor_completions.d)
endif()

install(TARGETS dlexp)
install(DIRECTORY data/mnist data/published data/schema DESTINATION ${CMAKE_INSTALL_DATADIR}/dlexp/data)
install(FILES data/README.md DESTINATION ${CMAKE_INSTALL_DATADIR}/dlexp/data)
install(DIRECTORY scripts/cluster DESTINATION ${CMAKE_INSTALL_DATADIR}/dlexp/scripts USE_SOURCE_PERMISSIONS
  PATTERN "*.md" EXCLUDE)
install(DIRECTORY scripts/plots DESTINATION ${CMAKE_INSTALL_DATADIR}/dlexp/scripts FILES_MATCHING PATTERN "*.gp")

# README.md with what it links, and what these link, each at its place.
set(pages README.md)
set(linked)
while(pages)
  list(POP_FRONT pages page)
  list(APPEND linked ${page})
  get_filename_component(folder ${page} DIRECTORY)
  install(FILES ${page} DESTINATION ${CMAKE_INSTALL_DOCDIR}/${folder})
  if(NOT page MATCHES "[.]md$")
    continue()
  endif()
  set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${page})
  file(READ ${page} text)
  string(REPLACE "](" "@(" text "${text}") # a bracket would join elements of a list
  string(REGEX MATCHALL "@\\([^]()#: ;[]+\\)" links "${text}")
  foreach(link ${links})
    string(REGEX REPLACE "^..(.*).$" "\\1" link ${link})
    get_filename_component(link ${PROJECT_SOURCE_DIR}/${folder}/${link} ABSOLUTE)
    file(RELATIVE_PATH link ${PROJECT_SOURCE_DIR} ${link})
    if(EXISTS ${PROJECT_SOURCE_DIR}/${link} AND NOT IS_DIRECTORY ${PROJECT_SOURCE_DIR}/${link} AND NOT link IN_LIST linked
        AND NOT link IN_LIST pages)
      list(APPEND pages ${link})
    endif()
  endforeach()
endwhile()

add_custom_target(uninstall COMMAND ${CMAKE_COMMAND} -DMANIFEST=${PROJECT_BINARY_DIR}/install_manifest.txt
  -P ${PROJECT_SOURCE_DIR}/scripts/cmake/uninstall.cmake VERBATIM)

# `cd build && cpack` makes dlexp_VERSION_ARCHITECTURE.deb there.
set(CPACK_GENERATOR DEB)
set(CPACK_PACKAGE_CONTACT "the dlexp authors <dlexp@example.org>")
set(CPACK_PACKAGING_INSTALL_PREFIX /usr)
set(CPACK_STRIP_FILES ON)
set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
set(CPACK_DEBIAN_PACKAGE_SECTION science)
set(CPACK_DEBIAN_PACKAGE_SHLIBDEPS ON) # Depends: the libraries that it is linked with
set(CPACK_DEBIAN_PACKAGE_RECOMMENDS "gnuplot-nox | gnuplot")
set(CPACK_DEBIAN_PACKAGE_DESCRIPTION
"Networks with and without BatchNorm on MNIST, SGD for a mean, and optimizers on
quadratics, each over many seeds, with intervals and verdicts. The data set and
the scripts for the figures come with it.")
set(CPACK_PRE_BUILD_SCRIPTS ${PROJECT_SOURCE_DIR}/scripts/cmake/debian.cmake) # CMake 3.19
set(CPACK_DLEXP_LICENSE ${PROJECT_SOURCE_DIR}/LICENSE)
include(CPack)
