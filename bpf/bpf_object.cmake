# weir_bpf_object(<target> <source> HEADERS ...): compiles one .bpf.c, makes its skeleton in the build tree, and exposes
# both as an INTERFACE target.
find_program(WEIR_BPF_CLANG NAMES clang clang-14 REQUIRED)
find_program(WEIR_BPFTOOL bpftool PATHS /usr/sbin REQUIRED)

function(weir_bpf_object target source)
  cmake_parse_arguments(ARG "" "" "HEADERS" ${ARGN})
  get_filename_component(stem ${source} NAME_WE)
  set(dir ${CMAKE_BINARY_DIR}/generated)
  set(object ${dir}/${stem}.bpf.o)
  set(skeleton ${dir}/${stem}.skel.h)
  file(MAKE_DIRECTORY ${dir})
  list(TRANSFORM ARG_HEADERS PREPEND ${CMAKE_CURRENT_SOURCE_DIR}/)
  # The object names the folder in which it was compiled: the source's, wherever it is built.
  add_custom_command(OUTPUT ${object}
    COMMAND ${WEIR_BPF_CLANG} -g -O2 -Wall -Wextra -Werror -Wno-gnu -mcpu=v3 -target bpf -I${PROJECT_SOURCE_DIR}/bpf
            -idirafter /usr/include/${CMAKE_LIBRARY_ARCHITECTURE} -ffile-prefix-map=${PROJECT_SOURCE_DIR}=.
            -c ${CMAKE_CURRENT_SOURCE_DIR}/${source} -o ${object}
    DEPENDS ${source} ${ARG_HEADERS} WORKING_DIRECTORY ${PROJECT_SOURCE_DIR} VERBATIM)
  # Through a temporary file: a bpftool that fails half-way leaves no header behind.
  add_custom_command(OUTPUT ${skeleton}
    COMMAND sh -c "${WEIR_BPFTOOL} gen skeleton ${object} name ${stem} > ${skeleton}.tmp && mv ${skeleton}.tmp ${skeleton}"
    DEPENDS ${object} VERBATIM)
  add_custom_target(${target}_generated DEPENDS ${skeleton})
  add_library(${target} INTERFACE)
  add_dependencies(${target} ${target}_generated)
  target_include_directories(${target} SYSTEM INTERFACE ${dir})
endfunction()
