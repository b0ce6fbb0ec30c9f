# What Debian wants otherwise than other systems, in the tree that cpack packs.
if(NOT CPACK_GENERATOR STREQUAL DEB)
  return()
endif()
set(root ${CPACK_TEMPORARY_INSTALL_DIRECTORY}/usr)
set(doc ${root}/share/doc/dlexp)

# zsh looks here.
file(MAKE_DIRECTORY ${root}/share/zsh/vendor-completions)
file(RENAME ${root}/share/zsh/site-functions/_dlexp ${root}/share/zsh/vendor-completions/_dlexp)
file(REMOVE_RECURSE ${root}/share/zsh/site-functions)

# The licence's name, with a link for README.md; a changelog; pages compressed, without the time.
file(REMOVE ${doc}/LICENSE)
file(READ ${CPACK_DLEXP_LICENSE} license)
file(WRITE ${doc}/copyright "${license}\nThe data in /usr/share/dlexp/data has its own: /usr/share/dlexp/data/README.md.\n")
file(CREATE_LINK copyright ${doc}/LICENSE SYMBOLIC)
string(TIMESTAMP now "%a, %d %b %Y %H:%M:%S +0000" UTC) # of SOURCE_DATE_EPOCH where it is set
file(WRITE ${doc}/changelog "dlexp (${CPACK_PACKAGE_VERSION}) unstable; urgency=medium\n\n  * Built by cpack.\n\n"
  " -- ${CPACK_PACKAGE_CONTACT}  ${now}\n")
file(GLOB pages ${root}/share/man/man1/*.1)
foreach(page ${pages} ${doc}/changelog)
  execute_process(COMMAND gzip -9n ${page} RESULT_VARIABLE status)
  if(NOT status EQUAL 0)
    message(FATAL_ERROR "gzip -9n ${page}: expected exit status 0, got ${status}")
  endif()
endforeach()
